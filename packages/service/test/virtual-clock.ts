import { setImmediate } from 'node:timers/promises'
import type { CancelTimeout, Clock } from '../src/clock/clock.ts'

interface Timer {
  readonly dueAtInMs: number
  readonly callback: () => void
}

/** A clock that stands still until it is told to move. */
export class VirtualClock implements Clock {
  #nowInMs = Date.UTC(2026, 0, 1)
  readonly #timers = new Set<Timer>()

  get pendingTimers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#nowInMs
  }

  setTimeout(callback: () => void, delayInMs: number): CancelTimeout {
    const timer = { dueAtInMs: this.#nowInMs + delayInMs, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Moves time forward, and after each timer lets everything run that it set off. */
  async advance(durationInMs: number): Promise<void> {
    const endInMs = this.#nowInMs + durationInMs
    await setImmediate()
    for (let timer = this.#nextDue(endInMs); timer !== undefined; timer = this.#nextDue(endInMs)) {
      this.#timers.delete(timer)
      this.#nowInMs = timer.dueAtInMs
      timer.callback()
      await setImmediate()
    }
    this.#nowInMs = endInMs
  }

  #nextDue(endInMs: number): Timer | undefined {
    return [...this.#timers]
      .filter(({ dueAtInMs }) => dueAtInMs <= endInMs)
      .toSorted((left, right) => left.dueAtInMs - right.dueAtInMs)[0]
  }
}
