import type { HubState } from '../hub-state.ts'
import type { Operation, OperationOutcome } from '../throttle/operation.ts'

/** What a transport asks before it carries out what a client wants, and tells when it has. */
export class OperationCommands {
  readonly #state: HubState

  constructor(state: HubState) {
    this.#state = state
  }

  /**
   * Resolves when the hub takes the operation on.
   *
   * @throws HubError by the promise: 429 when it is throttled, 403 when the daily quota is used up, whatever a fault says.
   */
  async begin(operation: Operation): Promise<void> {
    this.#state.faults.operations.beforeOperation(operation)
    await this.#state.traffic.begin(operation)
  }

  /** Counts an operation that is done. Resolves when its answer may leave: what it changed is stored then. */
  async finish(operation: Operation, outcome: OperationOutcome): Promise<void> {
    this.#state.traffic.finish(operation, outcome)
    await this.#state.durable.settled()
    await this.#state.faults.operations.beforeAnswer(operation)
  }
}
