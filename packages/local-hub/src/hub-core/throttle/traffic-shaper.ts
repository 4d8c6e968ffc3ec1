/** What a {@link TrafficShaper} is made with. */
export interface TrafficShaperOptions {
  readonly ratePerSecond: number
  readonly burstInSeconds: number
  readonly backlogInSeconds: number
  /** Milliseconds since 1970. */
  readonly startsAtInMs: number
}

/**
 * One limited kind of operation: takes a burst, then delays what comes until it is back at its rate, and refuses what would have
 * to wait too long. Operations leave in the order in which they came.
 */
export class TrafficShaper {
  readonly #ratePerMs: number
  readonly #capacity: number
  readonly #backlogInMs: number
  /** What is left of the burst; below zero it is the backlog. */
  #level: number
  #levelAt: number

  constructor({ ratePerSecond, burstInSeconds, backlogInSeconds, startsAtInMs }: TrafficShaperOptions) {
    this.#ratePerMs = ratePerSecond / 1000
    this.#capacity = Math.max(1, ratePerSecond * burstInSeconds)
    this.#backlogInMs = backlogInSeconds * 1000
    this.#level = this.#capacity
    this.#levelAt = startsAtInMs
  }

  /** Makes room for an operation: for how many milliseconds it has to wait, or undefined when it is refused. */
  reserve(cost: number, nowInMs: number): number | undefined {
    const elapsedInMs = Math.max(0, nowInMs - this.#levelAt)
    this.#level = Math.min(this.#capacity, this.#level + elapsedInMs * this.#ratePerMs)
    this.#levelAt = nowInMs
    const delayInMs = Math.ceil(Math.max(0, cost - this.#level) / this.#ratePerMs)
    if (delayInMs > this.#backlogInMs) return undefined
    this.#level -= cost
    return delayInMs
  }
}
