// The certificate library needs the reflection polyfill before it is loaded.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata'
import { X509Certificate as NodeCertificate, webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** What a certificate is to say. */
export interface CertificateOptions {
  readonly commonName: string
  /** Who signs it. Default: it does itself. */
  readonly issuer?: TestCertificate | undefined
  /** Whether it may sign others. */
  readonly isAuthority?: boolean | undefined
  /** Default: an hour from now. */
  readonly notAfter?: Date | undefined
}

/** A certificate with its private key. */
export interface TestCertificate {
  readonly certificate: X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
  /** PEM. */
  readonly cert: string
  /** PEM. */
  readonly key: string
  /** Hexadecimal, without separators. */
  readonly sha1: string
  readonly sha256: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const hourInMs = 3_600_000

/** Makes a certificate, good for an hour unless told otherwise. */
export async function createCertificate(options: CertificateOptions): Promise<TestCertificate> {
  cryptoProvider.set(webcrypto)
  const { commonName, issuer, isAuthority = false, notAfter = new Date(Date.now() + hourInMs) } = options
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const subject = [{ CN: [commonName] }]
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    publicKey: keys.publicKey,
    signingKey: issuer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 2 * hourInMs),
    notAfter,
    extensions: [new BasicConstraintsExtension(isAuthority, undefined, true)],
  })
  const cert = certificate.toString('pem')
  const { fingerprint, fingerprint256 } = new NodeCertificate(cert)
  return {
    certificate,
    keys,
    cert,
    key: PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), PemConverter.PrivateKeyTag),
    sha1: fingerprint.replaceAll(':', ''),
    sha256: fingerprint256.replaceAll(':', ''),
  }
}
