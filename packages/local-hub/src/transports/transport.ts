import type { Endpoint } from './endpoint.ts'

/** A running listener of the hub. */
export interface Transport {
  readonly endpoint: Endpoint
  /** Closes the listener and every connection on it. */
  close(): Promise<void>
}
