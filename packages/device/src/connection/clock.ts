/** Ends a scheduled callback; safe to call when it already ran. */
export type CancelTimeout = () => void

/** Stands for the cancellation where nothing is scheduled. */
export const noTimeout: CancelTimeout = () => {}

/** The source of time of a device: everything that waits goes through it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. May jump, as device clocks do: never measure a duration by it, but by `setTimeout`. */
  now(): number
  /** Runs the callback once after the delay, unless cancelled. Must not heed jumps of {@link now}. */
  setTimeout(callback: () => void, delayInMs: number): CancelTimeout
}

/** Longest wait that a timer of Node can hold, in milliseconds; a longer one would be over at once. */
export const longestTimeoutInMs = 2_147_483_647

/** The system's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(callback, delayInMs) {
    const timer = setTimeout(callback, delayInMs)
    return () => clearTimeout(timer)
  },
}
