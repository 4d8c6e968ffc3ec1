import { decodeOperationRecord, type OperationRecord, operationSection } from '@iothub-dm/protocol'
import type { ActionContext } from './action-context.ts'

/** What a search for an operation came to. */
export interface FoundOperation {
  /** The operation, if the twin shows it. */
  readonly record: OperationRecord | undefined
  /** The operation that the twin shows instead. */
  readonly other: string | undefined
}

/**
 * Looks for an operation in the twin of its device until it is there or the time is over: a device reports shortly after it has
 * answered.
 *
 * @param timeoutInMs how long to look; the twin is read at least once
 * @throws HubError when the twin cannot be read
 */
export function findOperation(
  context: ActionContext,
  deviceId: string,
  actionName: string,
  operationId: string,
  timeoutInMs: number,
  abortSignal?: AbortSignal,
): Promise<FoundOperation> {
  return new Promise((resolve, reject) => {
    let other: string | undefined
    let isRead = false
    let isLate = false
    const finish = (settle: () => void) => {
      stop()
      cancelTimeout()
      abortSignal?.removeEventListener('abort', onAbort)
      settle()
    }
    const giveUp = () => finish(() => resolve({ record: undefined, other }))
    const onAbort = () => finish(() => reject(abortSignal?.reason))
    const cancelTimeout = context.clock.setTimeout(() => {
      isLate = true
      if (isRead) giveUp()
    }, timeoutInMs)
    const stop = context.tracker.watch(deviceId, {
      onReported(reported) {
        const record = decodeOperationRecord(operationSection(reported, actionName))
        isRead = true
        other = record?.operationId
        if (record?.operationId === operationId) finish(() => resolve({ record, other: undefined }))
        else if (isLate) giveUp()
      },
      onError: error => finish(() => reject(error)),
    })
    if (abortSignal?.aborted) onAbort()
    else abortSignal?.addEventListener('abort', onAbort, { once: true })
  })
}
