/** How much, and for how long, the REST server listens to a client. */
export interface HttpLimits {
  readonly maxBodyInBytes: number
  /** Of the request line and all headers together. */
  readonly maxHeadInBytes: number
  readonly maxHeaders: number
  /** How long a client may take for the TLS handshake. */
  readonly handshakeTimeoutInMs: number
  /** How long a client may take to send a whole request. */
  readonly requestTimeoutInMs: number
  /** How often clients that are too slow are looked for. */
  readonly checkIntervalInMs: number
  /** How long a connection may be silent. A direct method keeps one silent for five minutes at most. */
  readonly silenceTimeoutInMs: number
}

/** Generous for every known client, and such that nobody can keep the hub busy. */
export const defaultHttpLimits: HttpLimits = {
  maxBodyInBytes: 1024 * 1024,
  maxHeadInBytes: 16 * 1024,
  maxHeaders: 100,
  handshakeTimeoutInMs: 8000,
  requestTimeoutInMs: 8000,
  checkIntervalInMs: 1000,
  silenceTimeoutInMs: 330_000,
}
