import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { type CertificateAuthority, keyAlgorithm } from './certificate-authority.ts'

/** What a TLS listener of the hub needs, and what its clients must trust. All PEM. */
export interface ServerCertificate {
  readonly key: string
  readonly certificate: string
  readonly caCertificate: string
}

/**
 * Makes a server certificate, with a fresh key.
 *
 * @param names host names and IP addresses under which the server is reached.
 */
export async function issueServerCertificate(
  authority: CertificateAuthority,
  names: readonly string[],
): Promise<ServerCertificate> {
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${names[0] ?? 'localhost'}`,
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.signingKey,
    signingAlgorithm: keyAlgorithm,
    // As long as the authority: a hub may run for weeks.
    notBefore: authority.certificate.notBefore,
    notAfter: authority.certificate.notAfter,
    extensions: [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map(name => ({ type: isIP(name) ? 'ip' : 'dns', value: name }))),
    ],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    key: PemConverter.encode(key, PemConverter.PrivateKeyTag),
    certificate: certificate.toString('pem'),
    caCertificate: authority.pem.certificate,
  }
}
