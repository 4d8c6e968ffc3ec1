import { isTerminalState } from '@iothub-dm/protocol'
import type { OperationLog } from './operation-log.ts'

/** Operation ids take up to 64 characters each in the twin. */
export const maxQueuedShown = 20

/**
 * The operation of an action that its one section of the reported properties shows: the newest, unless others of the action are
 * under way before it. Those come first, each until the hub has its end; who waits behind stands in `queued`.
 *
 * @param logs the operations of one action, in the order of acceptance
 */
export function shownOperation(logs: readonly OperationLog[]): OperationLog | undefined {
  const index = logs.findIndex((log, at) => isUnderWay(log) || holdsItsPlace(log, logs.slice(at + 1)))
  const shown = index === -1 ? logs.at(-1) : logs[index]
  const queued = index === -1 ? [] : logs.slice(index + 1).map(({ operationId }) => operationId)
  if (shown === undefined || queued.length === 0) return shown
  return { ...shown, record: { ...shown.record, queued: queued.slice(0, maxQueuedShown) } }
}

function isUnderWay({ record }: OperationLog): boolean {
  return !isTerminalState(record.state)
}

/** Whoever was accepted after its end hides it; whoever waited for its end does not. */
function holdsItsPlace({ record, reported }: OperationLog, newer: readonly OperationLog[]): boolean {
  const { finishedTime = '' } = record
  return !reported && newer.length > 0 && newer.every(other => other.record.acceptedTime <= finishedTime)
}
