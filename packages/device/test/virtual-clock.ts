import type { CancelTimeout, Clock } from '../src/connection/clock.ts'

interface Timer {
  readonly dueAtInMs: number
  /** Timers that fall due together run in the order in which they were set. */
  readonly order: number
  readonly callback: () => void
  cancelled: boolean
}

/** Test support: a clock for thousands of devices, whose timers lie in a heap. It moves when it is told to. */
export class VirtualClock implements Clock {
  readonly #heap: Timer[] = []
  #elapsedInMs = 0
  #wallClockOffsetInMs = 0
  #order = 0

  now(): number {
    return this.#elapsedInMs + this.#wallClockOffsetInMs
  }

  /** Milliseconds since the start, whatever was done to the wall clock. */
  get elapsedInMs(): number {
    return this.#elapsedInMs
  }

  /** How many callbacks are scheduled. */
  get pendingTimers(): number {
    return this.#heap.filter(({ cancelled }) => !cancelled).length
  }

  /** Sets the wall clock forward or back; no timer notices. */
  setWallClock(byInMs: number): void {
    this.#wallClockOffsetInMs += byInMs
  }

  setTimeout(callback: () => void, delayInMs: number): CancelTimeout {
    const dueAtInMs = this.#elapsedInMs + Math.max(0, delayInMs)
    const timer = { dueAtInMs, order: this.#order++, callback, cancelled: false }
    this.#push(timer)
    return () => {
      timer.cancelled = true
    }
  }

  /** Moves time forward and runs what falls due, in order. */
  advance(durationInMs: number): void {
    const end = this.#elapsedInMs + durationInMs
    for (let next = this.#heap[0]; next !== undefined && next.dueAtInMs <= end; next = this.#heap[0]) {
      this.#pop()
      if (next.cancelled) continue
      this.#elapsedInMs = next.dueAtInMs
      next.callback()
    }
    this.#elapsedInMs = end
  }

  #push(timer: Timer): void {
    let index = this.#heap.push(timer) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!this.#swapWhenBefore(index, parent)) break
      index = parent
    }
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    for (let index = 0; ; ) {
      const [left, right] = [2 * index + 1, 2 * index + 2]
      const child = right < this.#heap.length && this.#isBefore(right, left) ? right : left
      if (child >= this.#heap.length || !this.#swapWhenBefore(child, index)) return
      index = child
    }
  }

  #swapWhenBefore(child: number, parent: number): boolean {
    const [lower, upper] = [this.#heap[child], this.#heap[parent]]
    if (lower === undefined || upper === undefined || !this.#isBefore(child, parent)) return false
    this.#heap[child] = upper
    this.#heap[parent] = lower
    return true
  }

  #isBefore(first: number, second: number): boolean {
    const [a, b] = [this.#heap[first], this.#heap[second]]
    if (a === undefined || b === undefined) return false
    return a.dueAtInMs < b.dueAtInMs || (a.dueAtInMs === b.dueAtInMs && a.order < b.order)
  }
}
