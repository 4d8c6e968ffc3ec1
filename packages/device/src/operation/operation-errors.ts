import { IotHubDmError } from '@iothub-dm/protocol'

/** Thrown by `op.step` with `repeat: 'never'`: the step was cut off in the middle, and what it has done is unknown. */
export class StepInterruptedError extends IotHubDmError<'StepInterrupted'> {
  override readonly name = 'StepInterruptedError'

  constructor(stepName: string) {
    super('StepInterrupted', `step '${stepName}' was cut off in the middle and must not be repeated`)
  }
}

/** Thrown by `op.restart`: the restart was made, and the device is still in the same boot. */
export class RestartNotObservedError extends IotHubDmError<'RestartNotObserved'> {
  override readonly name = 'RestartNotObservedError'

  constructor() {
    super('RestartNotObserved', 'the device was told to restart and is still in the same boot', { retryable: true })
  }
}

/** The reason of `op.signal` when an operation is cancelled. */
export class OperationCancelledError extends IotHubDmError<'OperationCancelled'> {
  override readonly name = 'OperationCancelledError'

  constructor() {
    super('OperationCancelled', 'the operation was cancelled')
  }
}

/** The reason of `op.signal` when the agent closes; the operation goes on in the next life. */
export class AgentClosedError extends IotHubDmError<'AgentClosed'> {
  override readonly name = 'AgentClosedError'

  constructor() {
    super('AgentClosed', 'the agent is closed')
  }
}

/** Options of {@link OperationFailedError}. */
export interface OperationFailedOptions {
  readonly state: 'failed' | 'rejected'
  /** @default false */
  readonly retryable?: boolean | undefined
}

/** Thrown by `op.fail` and `op.reject`. */
export class OperationFailedError extends IotHubDmError<'OperationFailed'> {
  override readonly name = 'OperationFailedError'
  /** One of the action's own codes. */
  readonly errorCode: string
  /** How the operation ends. */
  readonly state: 'failed' | 'rejected'

  constructor(errorCode: string, detail: string, { state, retryable }: OperationFailedOptions) {
    super('OperationFailed', detail, { retryable })
    this.errorCode = errorCode
    this.state = state
  }
}

/** Thrown by `op.step` with `timeoutInMs`, and the reason of the step's signal: its time limit has passed. */
export class StepTimedOutError extends IotHubDmError<'StepTimedOut'> {
  override readonly name = 'StepTimedOutError'

  constructor(stepName: string, timeoutInMs: number) {
    super('StepTimedOut', `step '${stepName}' took longer than ${timeoutInMs} ms`, { retryable: true })
  }
}

/** The reason of `op.signal` when the time limit of the operation has passed. */
export class OperationTimedOutError extends IotHubDmError<'OperationTimedOut'> {
  override readonly name = 'OperationTimedOutError'

  constructor(timeoutInMs: number) {
    super('OperationTimedOut', `the operation took longer than ${timeoutInMs} ms`, { retryable: true })
  }
}

/** Told to the listeners of `error` when an operation goes on that a crash has cut off in the middle. */
export class OperationInterruptedError extends IotHubDmError<'OperationInterrupted'> {
  override readonly name = 'OperationInterruptedError'

  constructor(action: string, operationId: string, attempt: number) {
    super('OperationInterrupted', `operation '${operationId}' (${action}) was cut off in the middle of life ${attempt}`)
  }
}
