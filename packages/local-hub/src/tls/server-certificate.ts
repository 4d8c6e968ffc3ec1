// The certificate library needs the reflection polyfill before it is loaded.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** What a TLS listener of the hub needs, and what its clients must trust. All PEM. */
export interface ServerCertificate {
  readonly key: string
  readonly certificate: string
  readonly caCertificate: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const lifetimeInMs = 7 * 24 * 60 * 60 * 1000
const clockSkewInMs = 60 * 60 * 1000

/**
 * Makes a certificate authority and a server certificate signed by it, in memory, good for a week. The key of the authority is
 * thrown away, so nothing else can be signed with it.
 *
 * @param names host names and IP addresses under which the server is reached.
 */
export async function createServerCertificate(names: readonly string[]): Promise<ServerCertificate> {
  cryptoProvider.set(webcrypto)
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
  const serverKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  // Real time, whatever clock the hub runs on: TLS clients check against theirs.
  const validity = { notBefore: new Date(Date.now() - clockSkewInMs), notAfter: new Date(Date.now() + lifetimeInMs) }
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Local Hub CA',
    keys: authorityKeys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  const server = await X509CertificateGenerator.create({
    subject: `CN=${names[0] ?? 'localhost'}`,
    issuer: authority.subject,
    publicKey: serverKeys.publicKey,
    signingKey: authorityKeys.privateKey,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(false),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map(name => ({ type: isIP(name) ? 'ip' : 'dns', value: name }))),
    ],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey)
  return {
    key: PemConverter.encode(key, PemConverter.PrivateKeyTag),
    certificate: server.toString('pem'),
    caCertificate: authority.toString('pem'),
  }
}
