import type { OperationLog } from './operation-log.ts'

/** When an action that fails again and again is refused for a while. */
export interface Penalty {
  /** So many failures in a row, without a success among them ... */
  readonly failures: number
  /** ... within this period, in milliseconds, ... */
  readonly periodInMs: number
  /** ... have the action refused for this long after the last of them, in milliseconds. */
  readonly durationInMs: number
}

/**
 * Until when an action is refused because it has failed too often. It is worked out from the operations that the journal
 * remembers, and so holds across restarts.
 *
 * @param logs the operations of the action, in the order of acceptance
 * @param nowInMs milliseconds since 1970
 * @returns milliseconds since 1970; undefined when it is not refused
 */
export function penaltyUntil(logs: readonly OperationLog[], penalty: Penalty, nowInMs: number): number | undefined {
  const lastSuccess = logs.findLastIndex(({ record }) => record.state === 'succeeded')
  const failures = logs
    .slice(lastSuccess + 1)
    .filter(({ record }) => record.state === 'failed')
    .map(({ record }) => Date.parse(record.updatedTime))
  const newest = failures.at(-1)
  const oldest = failures.at(-penalty.failures)
  if (newest === undefined || oldest === undefined || newest - oldest > penalty.periodInMs) return undefined
  // A clock that was set back must not make the penalty longer.
  return Math.abs(nowInMs - newest) < penalty.durationInMs ? newest + penalty.durationInMs : undefined
}
