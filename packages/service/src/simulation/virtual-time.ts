import type { CancelTimeout, Clock } from '../clock/clock.ts'

interface Timer {
  readonly dueAtInMs: number
  readonly order: number
  readonly callback: () => void
  isCancelled: boolean
}

/** A clock that jumps from one timer to the next: what would take hours takes as long as the work in between. */
export class VirtualTime implements Clock {
  #nowInMs: number
  #order = 0
  /** A heap; the timer that is due next is the first one. */
  readonly #timers: Timer[] = []

  /** @param startInMs milliseconds since 1970 */
  constructor(startInMs: number = Date.UTC(2026, 0, 1)) {
    this.#nowInMs = startInMs
  }

  now(): number {
    return this.#nowInMs
  }

  setTimeout(callback: () => void, delayInMs: number): CancelTimeout {
    this.#order += 1
    const timer = {
      dueAtInMs: this.#nowInMs + Math.max(0, delayInMs),
      order: this.#order,
      callback,
      isCancelled: false,
    }
    this.#push(timer)
    return () => {
      timer.isCancelled = true
    }
  }

  /**
   * Lets time pass until something has happened, or nothing is left that could happen.
   *
   * @param isDone looked at after each step
   * @param longestInMs of virtual time
   * @returns whether it has happened
   */
  async run(isDone: () => boolean, longestInMs: number): Promise<boolean> {
    const endInMs = this.#nowInMs + longestInMs
    for (;;) {
      await settle()
      if (isDone()) return true
      const timer = this.#pop()
      if (timer === undefined || timer.dueAtInMs > endInMs) return false
      this.#nowInMs = Math.max(this.#nowInMs, timer.dueAtInMs)
      timer.callback()
      // What is due at the same moment goes together.
      while (this.#timers[0] !== undefined && this.#timers[0].dueAtInMs <= this.#nowInMs) this.#pop()?.callback()
    }
  }

  #pop(): Timer | undefined {
    for (;;) {
      const first = this.#timers[0]
      const last = this.#timers.pop()
      if (first === undefined || last === undefined) return undefined
      if (first !== last) this.#sink(last)
      if (!first.isCancelled) return first
    }
  }

  #push(timer: Timer): void {
    let place = this.#timers.length
    for (;;) {
      const above = (place - 1) >> 1
      const parent = place === 0 ? undefined : this.#timers[above]
      if (parent === undefined || !isBefore(timer, parent)) break
      this.#timers[place] = parent
      place = above
    }
    this.#timers[place] = timer
  }

  #sink(timer: Timer): void {
    let place = 0
    for (;;) {
      const [left, right] = [this.#timers[2 * place + 1], this.#timers[2 * place + 2]]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (child === undefined || isBefore(timer, child)) break
      this.#timers[place] = child
      place = 2 * place + (isRight ? 2 : 1)
    }
    this.#timers[place] = timer
  }
}

function isBefore(left: Timer, right: Timer): boolean {
  return left.dueAtInMs < right.dueAtInMs || (left.dueAtInMs === right.dueAtInMs && left.order < right.order)
}

/** Lets everything run that waits for nothing but its turn. */
function settle(): Promise<void> {
  return new Promise(resolve => {
    setImmediate(resolve)
  })
}
