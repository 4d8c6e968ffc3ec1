/** After how many reports of one operation the time between two reports of its progress doubles. */
export const reportsBeforeSlowdown = 20

/**
 * How often the progress of an operation is reported: the longer it takes, the less often. An operation that lasts for T
 * milliseconds costs at most about 20 × log2(1 + T / (20 × interval)) reports of progress, beside those of its phases and states.
 */
export class ProgressPace {
  readonly #intervalInMs: number
  /** Reports so far, by operation. */
  readonly #reports = new Map<string, number>()

  /** @param intervalInMs shortest time between two reports of progress, in milliseconds */
  constructor(intervalInMs: number) {
    this.#intervalInMs = intervalInMs
  }

  /** Shortest time before the next report of progress of an operation, in milliseconds. */
  intervalOf(operationId: string): number {
    const reports = this.#reports.get(operationId) ?? 0
    return this.#intervalInMs * 2 ** Math.floor(reports / reportsBeforeSlowdown)
  }

  /** An operation was reported. */
  reported(operationId: string): void {
    this.#reports.set(operationId, (this.#reports.get(operationId) ?? 0) + 1)
  }

  /** An operation is over. */
  forget(operationId: string): void {
    this.#reports.delete(operationId)
  }
}
