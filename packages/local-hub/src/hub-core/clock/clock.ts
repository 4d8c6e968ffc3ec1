/** Ends a scheduled callback; safe to call when it already ran. */
export type CancelTimeout = () => void

/** The hub's only source of time: everything that expires or times out goes through it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number
  /** Runs the callback once after the delay, unless cancelled. */
  setTimeout(callback: () => void, delayInMs: number): CancelTimeout
}
