import type { X509Certificate } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { ClientCertificate } from '../hub-core/auth/client-certificate.ts'

/** The certificate that the peer of a TLS connection presented; undefined when there is none. */
export function peerCertificateOf(connection: Duplex): ClientCertificate | undefined {
  const leaf = connection instanceof TLSSocket ? connection.getPeerX509Certificate() : undefined
  return leaf === undefined ? undefined : { leaf, intermediates: issuersOf(leaf) }
}

function issuersOf(leaf: X509Certificate): readonly X509Certificate[] {
  const issuers: X509Certificate[] = []
  let issuer = leaf.issuerCertificate
  while (issuer !== undefined && !issuers.includes(issuer)) {
    issuers.push(issuer)
    issuer = issuer.issuerCertificate
  }
  return issuers
}
