/** Cancels what {@link Clock.setTimeout} has scheduled; harmless afterwards. */
export type CancelTimeout = () => void

/** Time, as far as this package depends on it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number
  /** Runs the callback once after the delay, unless cancelled. */
  setTimeout(callback: () => void, delayInMs: number): CancelTimeout
}

/** The system's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, delayInMs) {
    const timer = setTimeout(callback, delayInMs)
    return () => clearTimeout(timer)
  },
}
