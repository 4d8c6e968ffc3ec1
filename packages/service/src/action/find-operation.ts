import { decodeOperationRecord, isIotHubDmError, type OperationRecord, operationSection } from '@iothub-dm/protocol'
import { delay } from '../clock/delay.ts'
import type { DeviceTwin } from '../hub/iot-hub.ts'
import type { KnownOperation } from '../operation/known-operation.ts'
import { isPending, requestedOperation } from '../operation/requested-operation.ts'
import type { ActionContext } from './action-context.ts'

/** What a search for an operation came to. */
export interface FoundOperation {
  /** The operation, if the twin shows it, or asks for it. */
  readonly known: KnownOperation | undefined
  /** The operation that the twin shows instead. */
  readonly other: string | undefined
}

/** Pause after the first look, in milliseconds; each next one is twice as long. A device reports shortly after it has answered. */
const firstPauseInMs = 500

/** Longest wait for a read at the end of the time, in milliseconds. */
const lastReadTimeoutInMs = 5_000

/**
 * Looks for an operation in the twin of its device until it is there or the time is over.
 *
 * @param timeoutInMs how long to look; the twin is read at least once, and a last time at the end
 * @throws HubError when the last read failed, or one that is not worth repeating
 */
export async function findOperation(
  { hub, clock }: Pick<ActionContext, 'hub' | 'clock'>,
  deviceId: string,
  actionName: string,
  operationId: string,
  timeoutInMs: number,
  abortSignal?: AbortSignal,
): Promise<FoundOperation> {
  const deadline = clock.now() + timeoutInMs
  for (let pauseInMs = firstPauseInMs; ; pauseInMs *= 2) {
    const leftInMs = deadline - clock.now()
    const isLast = leftInMs <= 0
    try {
      const bounds = { timeoutInMs: Math.max(leftInMs, lastReadTimeoutInMs), abortSignal }
      const twin = await hub.getTwin(deviceId, bounds)
      const record = decodeOperationRecord(operationSection(twin.reported, actionName))
      const known = knownFrom(record, operationId) ?? requestedIn(twin, actionName, operationId, clock.now())
      if (known !== undefined) return { known, other: undefined }
      if (isLast) return { known: undefined, other: record?.operationId }
    } catch (error) {
      if (isLast || !isIotHubDmError(error) || !error.retryable) throw error
    }
    await delay(clock, Math.max(0, Math.min(pauseInMs, deadline - clock.now())), abortSignal)
  }
}

function knownFrom(record: OperationRecord | undefined, operationId: string): KnownOperation | undefined {
  if (record?.operationId === operationId) return { record, source: 'report' }
  if (record?.queued?.includes(operationId)) return { record: queuedBehind(record, operationId), source: 'report' }
  return undefined
}

function requestedIn(
  twin: DeviceTwin,
  actionName: string,
  operationId: string,
  nowInMs: number,
): KnownOperation | undefined {
  if (!isPending(twin, actionName, operationId)) return undefined
  return requestedOperation(operationId, new Date(nowInMs).toISOString())
}

/** What is known of an operation that waits for the one of its action that the twin shows. */
function queuedBehind({ acceptedTime, updatedTime }: OperationRecord, operationId: string): OperationRecord {
  return { operationId, state: 'waiting', status: 'waiting', attempt: 0, acceptedTime, updatedTime }
}
