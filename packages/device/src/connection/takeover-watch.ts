import type { CancelTimeout, Clock } from './clock.ts'

/** Sessions that a hub may end within a minute before two devices are taken to use one identity. */
const mostLosses = 5

const windowInMs = 60_000

/**
 * Counts the sessions that were lost within the last minute. A hub does not tell a device why it ends its session; two devices with one
 * identity show by throwing each other out again and again (hub error 400027).
 */
export class TakeoverWatch {
  readonly #clock: Clock
  /** One for each loss; a wall clock that jumps changes nothing about them. */
  readonly #forgetting = new Set<CancelTimeout>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Takes in a loss.
   *
   * @returns how many there were within a minute, when those are too many; undefined otherwise
   */
  lost(): number | undefined {
    const forget = this.#clock.setTimeout(() => this.#forgetting.delete(forget), windowInMs)
    this.#forgetting.add(forget)
    const losses = this.#forgetting.size
    if (losses <= mostLosses) return undefined
    this.clear()
    return losses
  }

  /** Starts anew, and leaves no timer behind. */
  clear(): void {
    for (const cancel of this.#forgetting) cancel()
    this.#forgetting.clear()
  }
}
