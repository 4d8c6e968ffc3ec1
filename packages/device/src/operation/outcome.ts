import {
  describeIssues,
  findTwinIssue,
  holdsSecret,
  type IotHubDmError,
  isIotHubDmError,
  type JsonValue,
  limits,
  type OperationError,
  type OperationErrorCode,
  redactText,
  toJson,
  validate,
} from '@iothub-dm/protocol'
import type { BoundAction } from '../implementation/implement.ts'
import { type Life, logOf } from './life.ts'
import { OperationFailedError } from './operation-errors.ts'
import type { OperationLog } from './operation-log.ts'

/** How an operation ended, without its time. */
export type Outcome =
  | { readonly type: 'succeeded'; readonly result?: JsonValue }
  | { readonly type: 'failed' | 'rejected'; readonly error: OperationError }
  | { readonly type: 'cancelled' }
  | { readonly type: 'expired' }

/** A failure with one of the codes that every action has. */
export function failed(code: OperationErrorCode, message: string, retryable = false): Outcome {
  return { type: 'failed', error: toError(code, message, retryable) }
}

/**
 * What a life comes to whose handler has returned.
 *
 * @param missingStep a step that must not be repeated, was cut off, and is not in the handler any more
 */
export function outcomeOfReturn(
  life: Life,
  action: BoundAction,
  value: unknown,
  missingStep: string | undefined,
  onError: (error: unknown) => void,
): Outcome | undefined {
  const { definition } = action
  const { record, restarts, action: name } = logOf(life)
  if (record.state === 'restarting' || record.state === 'waiting') {
    if (life.signal.aborted) return outcomeOfThrow(life, life.signal.reason, onError)
    const what = record.state === 'restarting' ? 'restart' : 'deferral'
    return failed('HandlerFailed', `the handler ended in the middle of a ${what}`)
  }
  if (missingStep !== undefined) {
    return failed('HandlerChanged', `the software lacks step '${missingStep}', in which it was cut off`)
  }
  const restarted = [...restarts.values()].some(({ progress }) => progress === 'observed')
  if (definition.pattern?.provenBy === 'restart' && !restarted) {
    return failed('RestartNotObserved', 'the handler ended without a restart')
  }
  const item = `result of action '${name}'`
  const result = validate(definition.result, value, item)
  if (!result.valid) {
    onError(new TypeError(`${item}: ${describeIssues(result.issues)}`))
    return failed('InvalidResult', 'the result of the handler breaks its schema')
  }
  if (definition.result === undefined || value === undefined) return { type: 'succeeded' }
  try {
    return { type: 'succeeded', result: toReportable(value, item, life) }
  } catch (error) {
    onError(error)
    return failed('InvalidResult', 'the result of the handler cannot be reported')
  }
}

/** What a life comes to in which something was thrown; undefined when the operation goes on in the next life. */
export function outcomeOfThrow(life: Life, error: unknown, onError: (error: unknown) => void): Outcome | undefined {
  const { signal } = life
  if (signal.aborted) {
    if (isIotHubDmError(signal.reason, 'AgentClosed')) return undefined
    if (error !== signal.reason) onError(error)
    const timedOut = isIotHubDmError(signal.reason, 'OperationTimedOut')
    return timedOut ? failed('OperationTimedOut', signal.reason.message, true) : { type: 'cancelled' }
  }
  if (isIotHubDmError(error, 'OperationCancelled') && logOf(life).cancelRequested) return { type: 'cancelled' }
  if (error instanceof OperationFailedError) {
    const type = nothingDone(logOf(life)) ? error.state : 'failed'
    return { type, error: toError(error.errorCode, error.message, error.retryable) }
  }
  if (isIotHubDmError(error, 'Expired') && logOf(life).record.attempt === 0) return { type: 'expired' }
  if (isIotHubDmError(error, 'AdmissionRefused')) {
    const type = logOf(life).record.attempt === 0 ? 'rejected' : 'failed'
    return { type, error: toError(error.code, redactText(error.message, life.secrets()), error.retryable) }
  }
  onError(error)
  if (isTellable(error)) return failed(error.code, error.message, error.retryable)
  // The text of a foreign exception may hold a secret.
  return failed('HandlerFailed', 'the handler of the action failed')
}

function nothingDone({ steps, restarts }: OperationLog): boolean {
  return restarts.size === 0 && ![...steps.values()].some(({ done }) => done)
}

const tellableCodes = ['RestartNotObserved', 'StepInterrupted', 'StepTimedOut', 'PersistenceFailed'] as const

/** Errors of this package whose words are fit for the twin. */
function isTellable(error: unknown): error is IotHubDmError<(typeof tellableCodes)[number]> {
  return tellableCodes.some(code => isIotHubDmError(error, code))
}

function toError(code: string, message: string, retryable: boolean): OperationError {
  return { code, message: message.slice(0, limits.errorMessageLength), retryable }
}

function toReportable(value: unknown, item: string, life: Life): JsonValue {
  const json = toJson(value, item)
  const text = JSON.stringify(json)
  const bytes = Buffer.byteLength(text)
  if (bytes > limits.twinSectionBytes) {
    throw new RangeError(`${item}: expected at most ${limits.twinSectionBytes} bytes, got ${bytes}`)
  }
  const issue = findTwinIssue(json)
  if (issue !== undefined) throw new TypeError(`${item}: ${describeIssues([issue])}`)
  if (holdsSecret(text, life.secrets())) throw new TypeError(`${item}: expected no secret of the request in it`)
  return json
}
