import {
  describeIssues,
  findTwinIssue,
  type IotHubDmError,
  isIotHubDmError,
  type JsonValue,
  limits,
  type OperationError,
  type OperationEvent,
  toJson,
  validate,
} from '@iothub-dm/protocol'
import type { BoundAction } from '../implementation/implement.ts'
import { LiveRequest } from './live-request.ts'
import { OperationFailedError } from './operation-errors.ts'
import type { OperationLog } from './operation-log.ts'
import { OperationRun } from './operation-run.ts'
import type { OperationStore } from './operation-store.ts'
import type { RuntimeEnvironment } from './runtime-environment.ts'

/** What {@link runOperation} works with. */
export interface RunOptions {
  readonly store: OperationStore
  readonly environment: RuntimeEnvironment
  /** Aborted when the operation is cancelled or the agent closes. */
  readonly signal: AbortSignal
  /** Aborted when the agent closes. */
  readonly closing: AbortSignal
  /** Lives of the handler that may pass without a step done or a restart begun. */
  readonly maxAttempts: number
  /** Told what went wrong in a handler; the twin gets only a code. */
  readonly onError: (error: unknown) => void
}

const writeRetryDelays = { firstInMs: 1_000, maxInMs: 60_000 }

/**
 * One life of an operation, from where the journal says it is to its end, or to the end of this life.
 *
 * @param log an operation that is not over
 * @param action undefined when the device's software knows the action no longer
 * @returns when the end of the operation is on disk, or the agent closes
 */
export async function runOperation(
  log: OperationLog,
  action: BoundAction | undefined,
  options: RunOptions,
): Promise<void> {
  const outcome = await live(log, action, options)
  if (outcome !== undefined) await recordOutcome(log.operationId, outcome, options)
}

/** How a life ended, without its time; undefined when the operation goes on in the next life. */
type Outcome =
  | { readonly type: 'succeeded'; readonly result?: JsonValue }
  | { readonly type: 'failed'; readonly error: OperationError }
  | { readonly type: 'cancelled' }
  | { readonly type: 'expired' }

async function live(
  log: OperationLog,
  action: BoundAction | undefined,
  options: RunOptions,
): Promise<Outcome | undefined> {
  if (action === undefined) return failed('UnknownAction', 'the software of the device knows the action no longer')
  const { store, environment, signal, maxAttempts, onError } = options
  const { operationId } = log
  const { definition } = action
  try {
    const request = validate(definition.request, log.request, `request of action '${log.action}'`)
    if (!request.valid) return failed('InvalidRequest', 'the request breaks the schema of the software now running')
    if (log.record.attempt === 0) {
      await waitForStart(log, definition.pattern?.delayInSeconds?.(request.value) ?? 0, options)
      signal.throwIfAborted()
      if (isPast(log.expiresAt, environment.now())) return { type: 'expired' }
    }
    if (log.livesWithoutProgress >= maxAttempts) {
      return failed('TooManyAttempts', `${log.livesWithoutProgress} attempts ended without getting any further`)
    }
    // Counted before anything that could crash the device.
    const started: OperationEvent = { type: 'started', attempt: log.record.attempt + 1, time: environment.timestamp() }
    const life = await store.record({ type: 'event', operationId, event: started })
    const op = new OperationRun({
      life: { operationId, signal, store, environment, secrets: () => ({}) },
      definition,
      request: new LiveRequest(request.value, {}),
    })
    const result = await action.handle(op)
    await op.settled()
    return returned(store.get(operationId) ?? life, action, result, onError)
  } catch (error) {
    return threw(error, signal, onError)
  }
}

/** Holds the operation in `waiting` for the delay that its request asks for; a later life waits for the rest of it. */
async function waitForStart(log: OperationLog, delayInSeconds: number, options: RunOptions): Promise<void> {
  const { store, environment, signal } = options
  const startTime = Date.parse(log.record.acceptedTime) + delayInSeconds * 1000
  const delayInMs = startTime - environment.now()
  if (delayInMs <= 0) return
  const detail = `starts at ${new Date(startTime).toISOString()}`
  const waiting: OperationEvent = { type: 'waiting', detail, time: environment.timestamp() }
  await store.record({ type: 'event', operationId: log.operationId, event: waiting })
  // A clock that was set back must not make it wait longer than it was asked to.
  await environment.sleep(Math.min(delayInMs, delayInSeconds * 1000), signal)
}

function isPast(time: string | undefined, nowInMs: number): boolean {
  return time !== undefined && Date.parse(time) <= nowInMs
}

function returned(
  log: OperationLog,
  action: BoundAction,
  value: unknown,
  onError: (error: unknown) => void,
): Outcome | undefined {
  const { definition } = action
  if (log.record.state === 'restarting') return failed('HandlerFailed', 'the handler ended in the middle of a restart')
  if (
    definition.pattern?.provenBy === 'restart' &&
    ![...log.restarts.values()].some(({ progress }) => progress === 'observed')
  ) {
    return failed('RestartNotObserved', 'the handler ended without a restart')
  }
  const item = `result of action '${log.action}'`
  const result = validate(definition.result, value, item)
  if (!result.valid) {
    onError(new TypeError(`${item}: ${describeIssues(result.issues)}`))
    return failed('InvalidResult', 'the result of the handler breaks its schema')
  }
  if (definition.result === undefined || value === undefined) return { type: 'succeeded' }
  try {
    return { type: 'succeeded', result: toReportable(value, item) }
  } catch (error) {
    onError(error)
    return failed('InvalidResult', 'the result of the handler cannot be reported')
  }
}

function toReportable(value: unknown, item: string): JsonValue {
  const json = toJson(value, item)
  const issue = findTwinIssue(json)
  if (issue !== undefined) throw new TypeError(`${item}: ${describeIssues([issue])}`)
  const bytes = Buffer.byteLength(JSON.stringify(json))
  if (bytes > limits.twinSectionBytes) {
    throw new RangeError(`${item}: expected at most ${limits.twinSectionBytes} bytes, got ${bytes}`)
  }
  return json
}

function threw(error: unknown, signal: AbortSignal, onError: (error: unknown) => void): Outcome | undefined {
  if (signal.aborted) {
    if (isIotHubDmError(signal.reason, 'AgentClosed')) return undefined
    if (error !== signal.reason) onError(error)
    return { type: 'cancelled' }
  }
  if (error instanceof OperationFailedError) return failed(error.errorCode, error.message)
  onError(error)
  if (isIotHubDmError(error) && tellable(error)) return failed(error.code, error.message, error.retryable)
  // The text of a foreign exception may hold a secret.
  return failed('HandlerFailed', 'the handler of the action failed')
}

/** Errors of this package whose words are fit for the twin. */
function tellable(error: IotHubDmError): boolean {
  return error.code === 'RestartNotObserved' || error.code === 'StepInterrupted' || error.code === 'PersistenceFailed'
}

function failed(code: string, message: string, retryable = false): Outcome {
  return { type: 'failed', error: { code, message: message.slice(0, limits.errorMessageLength), retryable } }
}

/** Makes the end durable, however long the disk fails; when the agent closes first, the next life finds an end again. */
async function recordOutcome(operationId: string, outcome: Outcome, options: RunOptions): Promise<void> {
  const { store, environment, closing, onError } = options
  const event: OperationEvent = { ...outcome, time: environment.timestamp() }
  for (let delayInMs = writeRetryDelays.firstInMs; ; delayInMs = Math.min(2 * delayInMs, writeRetryDelays.maxInMs)) {
    try {
      await store.record({ type: 'event', operationId, event })
      return
    } catch (error) {
      if (closing.aborted) return
      onError(error)
      if (!isIotHubDmError(error, 'PersistenceFailed')) return
    }
    await environment.sleep(delayInMs, closing).catch(() => {})
  }
}
