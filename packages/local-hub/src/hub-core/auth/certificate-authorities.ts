import { X509Certificate } from 'node:crypto'
import type { DurableCodec } from '../durable/durable-table.ts'
import type { ClientCertificate } from './client-certificate.ts'

/** Certificates between a client's own and an authority; more are not followed. */
const maxChainLength = 8

/** The certificate authorities whose devices the hub trusts (wire reference 1.5). */
export class CertificateAuthorities {
  readonly #authorities: Map<string, X509Certificate>

  /** @param authorities where they are kept, by their fingerprints. */
  constructor(authorities: Map<string, X509Certificate> = new Map()) {
    this.#authorities = authorities
  }

  /**
   * Trusts an authority from now on, root or intermediate.
   *
   * @param pem one certificate.
   * @throws TypeError when it is not a certificate, or not that of an authority.
   */
  add(pem: string): void {
    const authority = parseCertificate(pem)
    if (!authority.ca) {
      throw new TypeError('certificate: expected that of a certificate authority, got one that may not sign others')
    }
    this.#authorities.set(authority.fingerprint256, authority)
  }

  /** Tells whether a chain of signatures, each valid at the time, leads from the certificate to an authority. */
  vouchFor({ leaf, intermediates }: ClientCertificate, timeInMs: number): boolean {
    let current: X509Certificate | undefined = leaf
    for (let length = 0; current !== undefined && length < maxChainLength; length += 1) {
      const certificate: X509Certificate = current
      if (!isValidAt(certificate, timeInMs)) return false
      const signed = (issuer: X509Certificate): boolean => isIssuedBy(certificate, issuer)
      if ([...this.#authorities.values()].some(authority => signed(authority) && isValidAt(authority, timeInMs)))
        return true
      current = intermediates.find(issuer => issuer !== certificate && signed(issuer))
    }
    return false
  }
}

/** How an authority is stored. */
export const authorityCodec: DurableCodec<X509Certificate> = {
  encode: authority => authority.toString(),
  decode: pem => parseCertificate(typeof pem === 'string' ? pem : ''),
}

function parseCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw new TypeError('certificate: expected a certificate in PEM, got something else')
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function isValidAt(certificate: X509Certificate, timeInMs: number): boolean {
  return Date.parse(certificate.validFrom) <= timeInMs && timeInMs <= Date.parse(certificate.validTo)
}
