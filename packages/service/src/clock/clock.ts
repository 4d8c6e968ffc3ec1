/** Cancels what {@link Clock.setTimeout} has scheduled; harmless afterwards. */
export type CancelTimeout = () => void

/** Time, as far as this package depends on it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number
  /** Runs the callback once after the delay, unless cancelled. */
  setTimeout(callback: () => void, delayInMs: number): CancelTimeout
  /** Aborted when the client that waits by this clock is closed; without it, nobody closes. */
  readonly closing?: AbortSignal | undefined
}

/** A clock whose waits end when a signal is aborted, with its reason. */
export function closingClock(clock: Clock, closing: AbortSignal): Clock {
  return {
    now: () => clock.now(),
    setTimeout: (callback, delayInMs) => clock.setTimeout(callback, delayInMs),
    closing,
  }
}

/** The system's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, delayInMs) {
    const timer = setTimeout(callback, delayInMs)
    return () => clearTimeout(timer)
  },
}
