import { isTerminalState } from '@iothub-dm/protocol'
import type { JournalEntry } from './journal-entry.ts'
import { applyEntry, type OperationLog } from './operation-log.ts'

/**
 * How long, and how many, answers of operations that are over are remembered. The newest of each action always is, and one whose
 * request has not expired is remembered until it has, as long as there is room.
 */
export interface Retention {
  /** In milliseconds. */
  readonly periodInMs: number
  readonly maxOperations: number
}

/** A week, as long as a job or a retry of a back end may reasonably come back. */
export const retentionDefaults: Retention = { periodInMs: 7 * 24 * 3_600_000, maxOperations: 100 }

/** Everything that the entries say, by operation, in the order of acceptance. */
export function foldEntries(
  entries: readonly JournalEntry[],
  phasesOf: (action: string) => readonly string[],
): ReadonlyMap<string, OperationLog> {
  const logs = new Map<string, OperationLog>()
  for (const entry of entries) {
    const log = logs.get(entry.operationId)
    const action = log?.action ?? ('action' in entry ? entry.action : '')
    logs.set(entry.operationId, applyEntry(log, entry, phasesOf(action)))
  }
  return logs
}

/**
 * The operations that are over and no longer worth remembering: old or too many, and not the newest of their action, which
 * alone is reported.
 *
 * @param logs in the order of acceptance
 * @param nowInMs milliseconds since 1970
 */
export function findForgettable(
  logs: readonly OperationLog[],
  retention: Retention,
  nowInMs: number,
): readonly OperationLog[] {
  const newest = new Map(logs.map(log => [log.action, log]))
  const over = logs.filter(log => isTerminalState(log.record.state))
  const surplus = over.length - retention.maxOperations
  return over.filter((log, index) => {
    const rememberedUntil = Math.max(
      Date.parse(log.record.updatedTime) + retention.periodInMs,
      // Until then, whoever has caught the request could have it carried out once more.
      log.expiresAt === undefined ? 0 : Date.parse(log.expiresAt),
    )
    return newest.get(log.action) !== log && (index < surplus || nowInMs > rememberedUntil)
  })
}

/**
 * Leaves of an operation that is over one entry with its answer, and forgets old ones; what is under way stays as it is.
 *
 * @param nowInMs milliseconds since 1970
 */
export function compactEntries(
  entries: readonly JournalEntry[],
  phasesOf: (action: string) => readonly string[],
  retention: Retention,
  nowInMs: number,
): readonly JournalEntry[] {
  const logs = [...foldEntries(entries, phasesOf).values()]
  const forgettable = new Set(findForgettable(logs, retention, nowInMs))
  return logs
    .filter(log => !forgettable.has(log))
    .flatMap(log =>
      isTerminalState(log.record.state)
        ? [finishedEntry(log)]
        : entries.filter(({ operationId }) => operationId === log.operationId),
    )
}

function finishedEntry(log: OperationLog): JournalEntry {
  const { operationId, action, requestDigest, expiresAt, record, reported } = log
  const expiry = expiresAt === undefined ? {} : { expiresAt }
  return { type: 'finished', operationId, action, requestDigest, record, reported, ...expiry }
}
