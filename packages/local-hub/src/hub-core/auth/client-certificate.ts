import type { X509Certificate } from 'node:crypto'
import type { Thumbprints } from '../identity/authentication.ts'

/** What a client presented in the TLS handshake. That it holds the private key is proven; nothing else is. */
export interface ClientCertificate {
  /** The client's own certificate. */
  readonly leaf: X509Certificate
  /** The certificates that it sent along, in any order. */
  readonly intermediates: readonly X509Certificate[]
}

/** Tells whether this is the certificate of one of the thumbprints, SHA-1 or SHA-256 (wire reference 1.5). */
export function hasThumbprint({ leaf }: ClientCertificate, thumbprints: Thumbprints): boolean {
  const own = [leaf.fingerprint, leaf.fingerprint256].map(fingerprint => fingerprint.replaceAll(':', ''))
  return [thumbprints.primaryThumbprint, thumbprints.secondaryThumbprint].some(
    thumbprint => thumbprint !== null && own.includes(thumbprint.toUpperCase()),
  )
}

/** The common name of the subject; undefined when there is none, or more than one. */
export function commonNameOf({ leaf }: ClientCertificate): string | undefined {
  const commonName: unknown = leaf.toLegacyObject().subject.CN
  return typeof commonName === 'string' ? commonName : undefined
}
