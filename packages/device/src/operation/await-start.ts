import { IotHubDmError, isIotHubDmError } from '@iothub-dm/protocol'
import { type AdmissionGate, AdmissionRefusedError } from './admission-gate.ts'
import { startDeadline } from './deadline.ts'
import { waitOut } from './deferrer.ts'
import { type Life, logOf } from './life.ts'
import type { OperationLog } from './operation-log.ts'
import type { Turn } from './turn-queue.ts'
import { waitUntil } from './waiting.ts'

/** What {@link awaitStart} works with. */
export interface StartOptions {
  readonly turn: Turn
  readonly gate: AdmissionGate
  /** Seconds that the request asks to wait. */
  readonly delayInSeconds: number
  readonly onError: (error: unknown) => void
}

/** The operation did not begin in time. */
class ExpiredError extends IotHubDmError<'Expired'> {
  constructor() {
    super('Expired', 'the time limit of the request passed before it could begin')
  }
}

/**
 * Holds an operation in `waiting` until a life of its handler may begin. The first one waits for its turn, for the delay that its
 * request asks for, and for admission, all of it before the request expires; a later one for the end of a deferral.
 *
 * @throws IotHubDmError `Expired`
 * @throws AdmissionRefusedError
 * @throws the reason of the life's signal
 */
export async function awaitStart(life: Life, options: StartOptions): Promise<void> {
  const log = logOf(life)
  if (log.record.attempt === 0) return awaitFirstStart(life, log, options)
  await awaitTurn(life, life.signal, options.turn)
  const { deferral } = logOf(life)
  if (deferral !== undefined) {
    await reportWaiting(life, deferral.detail)
    await waitOut(deferral, life.environment, life.signal)
  }
  if (options.gate.everyLife === true) await passGate(life, life.signal, options)
}

async function awaitFirstStart(life: Life, log: OperationLog, options: StartOptions): Promise<void> {
  const { environment } = life
  const expiryTime = log.expiresAt === undefined ? undefined : Date.parse(log.expiresAt)
  const expired = new ExpiredError()
  using expiry = startDeadline(environment, {
    parent: life.signal,
    timeoutInMs: expiryTime === undefined ? undefined : expiryTime - environment.now(),
    reason: () => expired,
  })
  await awaitTurn(life, expiry.signal, options.turn)
  await awaitDelay(life, expiry.signal, log, options.delayInSeconds)
  await passGate(life, expiry.signal, options)
  expiry.signal.throwIfAborted()
  // A clock that was set forward passes the time without the timer.
  if (expiryTime !== undefined && expiryTime <= environment.now()) throw expired
}

async function awaitTurn(life: Life, signal: AbortSignal, turn: Turn): Promise<void> {
  if (turn.ahead !== undefined) await reportWaiting(life, `waits for ${turn.ahead}`)
  await turn.come(signal)
}

/** A later life of the program waits for the rest of the delay. */
async function awaitDelay(life: Life, signal: AbortSignal, log: OperationLog, delayInSeconds: number): Promise<void> {
  const delayInMs = delayInSeconds * 1_000
  const startTime = Date.parse(log.record.acceptedTime) + delayInMs
  if (startTime <= life.environment.now()) return
  await reportWaiting(life, `starts at ${new Date(startTime).toISOString()}`)
  await waitUntil(life.environment, startTime, delayInMs, signal)
}

async function passGate(life: Life, signal: AbortSignal, { gate, onError }: StartOptions): Promise<void> {
  signal.throwIfAborted()
  const { action, request, record } = logOf(life)
  const { operationId } = life
  const { acceptedTime, attempt } = record
  const waiting = (detail: string, until?: Date) =>
    reportWaiting(life, until === undefined ? detail : `${detail}, until ${until.toISOString()}`)
  try {
    await gate.admit({ action, operationId, request, acceptedTime, attempt: attempt + 1 }, { signal, waiting })
  } catch (error) {
    signal.throwIfAborted()
    if (isIotHubDmError(error, 'AdmissionRefused') || isIotHubDmError(error, 'PersistenceFailed')) throw error
    onError(error)
    throw new AdmissionRefusedError('the device could not decide whether to admit the operation', { retryable: true })
  }
}

async function reportWaiting(life: Life, detail: string): Promise<void> {
  const { operationId, store, environment } = life
  const { record } = logOf(life)
  if (record.state === 'waiting' && record.detail === detail) return
  const event = { type: 'waiting', detail, time: environment.timestamp() } as const
  await store.record({ type: 'event', operationId, event })
}
