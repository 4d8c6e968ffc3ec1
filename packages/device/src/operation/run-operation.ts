import { IotHubDmError, type OperationEvent } from '@iothub-dm/protocol'
import type { BoundAction } from '../implementation/implement.ts'
import type { AdmissionGate } from './admission-gate.ts'
import { awaitStart } from './await-start.ts'
import { startDeadline } from './deadline.ts'
import { type Life, logOf } from './life.ts'
import type { LiveRequest } from './live-request.ts'
import { OperationInterruptedError, OperationTimedOutError } from './operation-errors.ts'
import type { OperationLog } from './operation-log.ts'
import { OperationRun } from './operation-run.ts'
import type { OperationStore } from './operation-store.ts'
import { failed, type Outcome, outcomeOfReturn, outcomeOfThrow } from './outcome.ts'
import { recordOutcome } from './record-outcome.ts'
import type { RuntimeEnvironment } from './runtime-environment.ts'
import type { Turn } from './turn-queue.ts'

/** What {@link runOperation} works with. */
export interface RunOptions {
  readonly store: OperationStore
  readonly environment: RuntimeEnvironment
  /** Aborted when the operation is cancelled or the agent closes. */
  readonly signal: AbortSignal
  /** Aborted when the agent closes. */
  readonly closing: AbortSignal
  /** The place of the operation among those that wait. */
  readonly turn: Turn
  readonly gate: AdmissionGate
  /** Lives of the handler that may pass without a step done or a restart begun. */
  readonly maxAttempts: number
  /** Time limit of an operation whose action has none of its own, in milliseconds; undefined: none. */
  readonly operationTimeoutInMs: number | undefined
  /** How long a handler may take to end once its signal is aborted, in milliseconds. */
  readonly windUpTimeoutInMs: number
  /** Told what went wrong in a handler; the twin gets only a code. */
  readonly onError: (error: unknown) => void
}

/**
 * One life of an operation, from where the journal says it is to its end, or to the end of this life.
 *
 * @param log an operation that is not over
 * @param action undefined when the device's software knows the action no longer
 * @param request undefined when it breaks the schema of the software now running
 * @returns when the end of the operation is on disk, or the agent closes
 */
export async function runOperation(
  log: OperationLog,
  action: BoundAction | undefined,
  request: LiveRequest | undefined,
  options: RunOptions,
): Promise<void> {
  const outcome = await live(log, action, request, options)
  if (outcome !== undefined) await recordOutcome(log.operationId, outcome, options)
}

async function live(
  { operationId }: OperationLog,
  action: BoundAction | undefined,
  request: LiveRequest | undefined,
  options: RunOptions,
): Promise<Outcome | undefined> {
  const { store, environment, signal, closing, turn, gate, maxAttempts, onError } = options
  if (action === undefined) return failed('UnknownAction', 'the software of the device knows the action no longer')
  if (request === undefined)
    return failed('InvalidRequest', 'the request breaks the schema of the software now running')
  const life: Life = { operationId, signal, store, environment, secrets: () => request.secrets }
  try {
    const delayInSeconds = action.definition.pattern?.delayInSeconds?.(request.value) ?? 0
    await awaitStart(life, { turn, gate, delayInSeconds, onError }).catch((reason: unknown) => {
      // An operation that was cut off and then cancelled begins all the same, to wind up.
      if (logOf(life).record.attempt === 0 || closing.aborted || !signal.aborted) throw reason
    })
    const { record, livesWithoutProgress } = logOf(life)
    if (livesWithoutProgress >= maxAttempts) {
      return failed('TooManyAttempts', `${livesWithoutProgress} attempts ended without getting any further`)
    }
    if (isInterrupted(logOf(life))) {
      onError(new OperationInterruptedError(logOf(life).action, operationId, record.attempt))
    }
    // Counted before anything that could crash the device.
    const detail = isInterrupted(logOf(life)) ? { detail: `cut off in life ${record.attempt}` } : {}
    const started = { type: 'started', attempt: record.attempt + 1, time: environment.timestamp(), ...detail } as const
    await store.record({ type: 'event', operationId, event: started satisfies OperationEvent })
  } catch (error) {
    return outcomeOfThrow(life, error, onError)
  }
  return handle(life, action, request, options)
}

/** Whether a life of the handler ended without a word: a crash, a power cut. */
function isInterrupted({ record, suspended }: OperationLog): boolean {
  return record.attempt > 0 && record.state === 'running' && !suspended
}

/** Runs the handler, within the time limit of the operation. */
async function handle(
  { operationId, signal, store, environment, secrets }: Life,
  action: BoundAction,
  request: LiveRequest,
  options: RunOptions,
): Promise<Outcome | undefined> {
  const { closing, onError } = options
  const log = logOf({ store, operationId })
  const limitInMs = action.timeoutInMs ?? options.operationTimeoutInMs
  using timeLimit = startDeadline(environment, {
    parent: signal,
    timeoutInMs: limitInMs === undefined ? undefined : timeLeft(log, limitInMs, environment.now()),
    extendedByInMs: () => logOf({ store, operationId }).deferredForInMs,
    reason: () => new OperationTimedOutError(limitInMs ?? 0),
  })
  const life: Life = { operationId, signal: timeLimit.signal, store, environment, secrets }
  // A life that ends because the agent closes is not one that got no further.
  const suspend = () => void store.record({ type: 'suspended', operationId }).catch(onError)
  closing.addEventListener('abort', suspend)
  using windUp = watchWindUp(log, life.signal, options)
  try {
    const op = new OperationRun({ life, definition: action.definition, request })
    const value = await Promise.race([action.handle(op), windUp.over])
    await op.settled()
    return outcomeOfReturn(life, action, value, op.missingStep(), onError)
  } catch (error) {
    return outcomeOfThrow(life, error, onError)
  } finally {
    closing.removeEventListener('abort', suspend)
  }
}

/** By the clock, as the device may have been off; never more than the limit itself, as the clock may have been set back. */
function timeLeft(log: OperationLog, limitInMs: number, nowInMs: number): number {
  const startedInMs = Date.parse(log.record.startedTime ?? log.record.updatedTime)
  return Math.min(limitInMs, startedInMs + limitInMs + log.deferredForInMs - nowInMs)
}

/** No handler holds the device for ever: `over` rejects some time after its signal was aborted, unless the agent closes. */
function watchWindUp(
  { action, operationId }: OperationLog,
  signal: AbortSignal,
  { environment, closing, windUpTimeoutInMs, onError }: RunOptions,
): Disposable & { readonly over: Promise<never> } {
  const done = new AbortController()
  const stop = () => done.abort()
  closing.addEventListener('abort', stop)
  const over = new Promise<never>((_resolve, reject) => {
    const begin = async () => {
      if (closing.aborted) return
      await environment.sleep(windUpTimeoutInMs, done.signal)
      const what = `the handler of operation '${operationId}' (${action}) did not end within ${windUpTimeoutInMs} ms of its signal`
      onError(new IotHubDmError('HandlerTimeout', what))
      reject(signal.reason)
    }
    const beginQuietly = () => void begin().catch(() => {})
    if (signal.aborted) beginQuietly()
    else signal.addEventListener('abort', beginQuietly, { once: true })
  })
  over.catch(() => {})
  return {
    over,
    [Symbol.dispose]() {
      closing.removeEventListener('abort', stop)
      stop()
    },
  }
}
