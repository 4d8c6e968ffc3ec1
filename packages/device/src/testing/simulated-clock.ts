import type { CancelTimeout, Clock } from '../connection/clock.ts'

/** The clock of one life: it stands still until it is told to go on to the next timer. */
export class SimulatedClock implements Clock {
  readonly #timers = new Map<number, { readonly dueInMs: number; readonly callback: () => void }>()
  #nowInMs: number
  #nextId = 0

  /** @param startInMs milliseconds since 1970 */
  constructor(startInMs: number) {
    this.#nowInMs = startInMs
  }

  now(): number {
    return this.#nowInMs
  }

  setTimeout(callback: () => void, delayInMs: number): CancelTimeout {
    const id = this.#nextId++
    this.#timers.set(id, { dueInMs: this.#nowInMs + Math.max(0, delayInMs), callback })
    return () => void this.#timers.delete(id)
  }

  /** Goes on to the timer that is due next and calls it; false when there is none. */
  advance(): boolean {
    const [next] = [...this.#timers].toSorted(([, left], [, right]) => left.dueInMs - right.dueInMs)
    if (next === undefined) return false
    const [id, { dueInMs, callback }] = next
    this.#timers.delete(id)
    this.#nowInMs = Math.max(this.#nowInMs, dueInMs)
    callback()
    return true
  }
}
