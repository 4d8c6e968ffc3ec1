/** Lets jobs go on to the next device no faster than the tier allows (IoT Hub quotas and throttling: job device operations). */
export class JobPacer {
  readonly #intervalInMs: number
  #nextAt = 0

  /** @param ratePerSecond of all jobs together; undefined: as fast as they can. */
  constructor(ratePerSecond: number | undefined) {
    this.#intervalInMs = ratePerSecond === undefined ? 0 : 1000 / ratePerSecond
  }

  /** Takes the turn, or tells in how many milliseconds to ask again. */
  reserve(nowInMs: number): number {
    const waitInMs = this.#nextAt - nowInMs
    if (waitInMs > 0) return waitInMs
    this.#nextAt = nowInMs + this.#intervalInMs
    return 0
  }
}
