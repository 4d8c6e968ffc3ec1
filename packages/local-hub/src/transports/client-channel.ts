import type { Duplex } from 'node:stream'
import type { ClientCertificate } from '../hub-core/auth/client-certificate.ts'
import type { IdentityKey } from '../hub-core/identity/identity-key.ts'

/** How a client came to the hub, whatever it speaks. */
export interface ClientChannel {
  readonly stream: Duplex
  /** Breaks the TCP connection under the stream. */
  readonly reset: () => void
  /** To be told who the client is, as soon as that is known. */
  readonly identified: (key: IdentityKey) => void
  /** What it presented in the TLS handshake. */
  readonly certificate: ClientCertificate | undefined
}
