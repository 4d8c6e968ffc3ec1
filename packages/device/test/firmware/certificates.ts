// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 wants the polyfill loaded before it
import 'reflect-metadata'
import { randomUUID, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const hourInMs = 3_600_000

/** A certificate authority of a test. */
export interface TestAuthority {
  /** PEM. */
  readonly certificate: string
  readonly issue: (names: readonly string[], notAfter?: Date) => Promise<KeyedCertificate>
}

/** A certificate with its key, PEM. */
export interface KeyedCertificate {
  readonly certificate: string
  readonly key: string
}

/** Makes an authority with a fresh key. Its certificates are good for an hour, unless told otherwise. */
export async function createTestAuthority(): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    // OpenSSL tells authorities apart by name
    name: `CN=Test CA ${randomUUID()}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 2 * hourInMs),
    notAfter: new Date(Date.now() + hourInMs),
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  })
  return {
    certificate: authority.toString('pem'),
    async issue(names, notAfter = new Date(Date.now() + hourInMs)) {
      const own = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
      const certificate = await x509.X509CertificateGenerator.create({
        subject: 'CN=image server',
        issuer: authority.subject,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        notBefore: new Date(Date.now() - 2 * hourInMs),
        notAfter,
        extensions: [
          new x509.SubjectAlternativeNameExtension(
            names.map(name => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
          ),
        ],
      })
      const key = await webcrypto.subtle.exportKey('pkcs8', own.privateKey)
      return { certificate: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
    },
  }
}
