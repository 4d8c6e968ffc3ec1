// The certificate library needs the reflection polyfill before it is loaded.
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** An authority as text: certificate and private key, PEM. */
export interface AuthorityPem {
  readonly certificate: string
  readonly key: string
}

/** What signs server certificates. */
export interface CertificateAuthority {
  readonly certificate: X509Certificate
  readonly signingKey: webcrypto.CryptoKey
  readonly pem: AuthorityPem
}

/** How keys are made and certificates signed. */
export const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

const dayInMs = 24 * 60 * 60 * 1000
const clockSkewInMs = 60 * 60 * 1000

/** From an hour ago, for clients whose clock is behind. Real time, whatever clock the hub runs on: TLS clients check against theirs. */
function validityOf(lifetimeInDays: number): { readonly notBefore: Date; readonly notAfter: Date } {
  return {
    notBefore: new Date(Date.now() - clockSkewInMs),
    notAfter: new Date(Date.now() + lifetimeInDays * dayInMs),
  }
}

/** Makes an authority with a fresh key. */
export async function createAuthority(lifetimeInDays: number): Promise<CertificateAuthority> {
  cryptoProvider.set(webcrypto)
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Local Hub CA',
    keys,
    signingAlgorithm: keyAlgorithm,
    ...validityOf(lifetimeInDays),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    certificate,
    signingKey: keys.privateKey,
    pem: { certificate: certificate.toString('pem'), key: PemConverter.encode(key, PemConverter.PrivateKeyTag) },
  }
}

/** Reads an authority back; undefined when it is damaged, or expires within a week. */
export async function readAuthority(pem: AuthorityPem): Promise<CertificateAuthority | undefined> {
  cryptoProvider.set(webcrypto)
  try {
    const certificate = new X509Certificate(pem.certificate)
    const signingKey = await webcrypto.subtle.importKey(
      'pkcs8',
      PemConverter.decodeFirst(pem.key),
      keyAlgorithm,
      false,
      ['sign'],
    )
    return certificate.notAfter > validityOf(7).notAfter ? { certificate, signingKey, pem } : undefined
  } catch {
    return undefined
  }
}
