import { IotHubDmError, isIotHubDmError, type OperationRecord, type TerminalState } from '@iothub-dm/protocol'

/** How an operation ended that did not succeed. */
export type UnsuccessfulState = Exclude<TerminalState, 'succeeded'>

/** Thrown by `result()` when the operation is over and has not succeeded. */
export class OperationFailedError<
  TRecord extends OperationRecord<unknown> = OperationRecord<unknown>,
> extends IotHubDmError<'OperationFailed'> {
  override readonly name = 'OperationFailedError'
  /** The operation as the device last reported it; `record.error` says why. */
  readonly record: TRecord

  constructor(record: TRecord) {
    const { operationId, state, error } = record
    const reason = error === undefined ? '' : `: ${error.code}, ${error.message}`
    super('OperationFailed', `operation '${operationId}' ${phrase[state] ?? state}${reason}`, {
      retryable: error?.retryable ?? false,
    })
    this.record = record
  }
}

const phrase: { readonly [state: string]: string | undefined } = {
  failed: 'failed',
  rejected: 'was rejected',
  cancelled: 'was cancelled',
  expired: 'expired',
}

/**
 * Tells whether a caught value is an {@link OperationFailedError}, whichever copy of the package made it.
 *
 * @param operation narrows to the failure of this operation, typed by its action
 * @example
 * ```ts
 * try {
 *   await calibration.result()
 * } catch (error) {
 *   if (isOperationFailedError(error, calibration)) console.log(error.record.error?.code) // of calibrate
 *   else throw error
 * }
 * ```
 */
export function isOperationFailedError<TRecord extends OperationRecord<unknown> = OperationRecord<unknown>>(
  value: unknown,
  operation?: { readonly record: TRecord },
): value is OperationFailedError<TRecord> {
  if (!isIotHubDmError(value, 'OperationFailed') || !('record' in value)) return false
  return operation === undefined || isRecordOf(value.record, operation.record.operationId)
}

function isRecordOf(record: unknown, operationId: string): boolean {
  return typeof record === 'object' && record !== null && Reflect.get(record, 'operationId') === operationId
}

/** Thrown when the device has not reported the operation that was asked for. */
export class OperationNotFoundError extends IotHubDmError<'OperationNotFound'> {
  override readonly name = 'OperationNotFoundError'

  /** @param current the operation that the twin shows instead, if any */
  constructor(deviceId: string, operationId: string, current: string | undefined) {
    const instead = current === undefined ? 'none' : `'${current}'`
    super('OperationNotFound', `device '${deviceId}' reports no operation '${operationId}', its newest is ${instead}`)
  }
}

/** Thrown when the twin shows a newer operation, so that the outcome of this one can be read there no longer. */
export class OperationSupersededError extends IotHubDmError<'OperationSuperseded'> {
  override readonly name = 'OperationSupersededError'

  constructor(operationId: string, newer: string) {
    super('OperationSuperseded', `operation '${operationId}' was followed by '${newer}' before its outcome was read`)
  }
}

/** Thrown when the time of a wait is over. The operation goes on. */
export class WaitTimeoutError extends IotHubDmError<'WaitTimeout'> {
  override readonly name = 'WaitTimeoutError'

  constructor(operationId: string, timeoutInMs: number) {
    super('WaitTimeout', `operation '${operationId}' was not over after ${timeoutInMs} ms`, { retryable: true })
  }
}
