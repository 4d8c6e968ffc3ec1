import type { CancelTimeout, Clock } from './clock.ts'

interface Timer {
  readonly dueAt: number
  readonly callback: () => void
}

/**
 * A clock that stands still until it is told to move, so that time-outs and expiries can be tested without waiting.
 *
 * @example
 * const clock = new ManualClock()
 * const hub = await startLocalHub({ clock })
 * clock.advance(30_000)
 */
export class ManualClock implements Clock {
  #now: number
  readonly #timers = new Set<Timer>()

  /** @param startsAtInMs milliseconds since 1970; the real time by default, so that tokens made by real clients are valid. */
  constructor(startsAtInMs: number = Date.now()) {
    this.#now = startsAtInMs
  }

  /** How many callbacks are scheduled. */
  get pendingTimers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, delayInMs: number): CancelTimeout {
    const timer: Timer = { dueAt: this.#now + Math.max(0, delayInMs), callback }
    this.#timers.add(timer)
    return () => {
      this.#timers.delete(timer)
    }
  }

  /** Moves time forward and runs what falls due, in order of due time. */
  advance(durationInMs: number): void {
    const end = this.#now + durationInMs
    for (let timer = this.#nextDue(end); timer !== undefined; timer = this.#nextDue(end)) {
      this.#timers.delete(timer)
      this.#now = timer.dueAt
      timer.callback()
    }
    this.#now = end
  }

  #nextDue(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueAt <= end && (next === undefined || timer.dueAt < next.dueAt)) next = timer
    }
    return next
  }
}
