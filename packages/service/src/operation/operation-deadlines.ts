import type { OperationRecord } from '@iothub-dm/protocol'
import { type OperationDeadlineCode, OperationDeadlineError } from '../errors/operation-deadline-error.ts'
import { checkTimeoutInMs } from '../hub/check-arguments.ts'

/** How long an operation may take in which respect; each has an error of its own. The operation goes on in any case. */
export interface OperationDeadlines {
  /**
   * `OperationNeverStarted`: the device has not begun to carry it out so many milliseconds after the handle was made. It may be away,
   * busy, or hold it for its maintenance window.
   */
  readonly neverStartedAfterInMs?: number | undefined
  /**
   * `OperationSilent`: it has begun, and for so many milliseconds nothing new was seen. Longer than the device's
   * `progressIntervalInMs`, and than the phases that have nothing to tell, such as a restart.
   */
  readonly silentAfterInMs?: number | undefined
  /** `OperationOverdue`: it is not over so many milliseconds after it was first seen to have begun, whatever it reports. */
  readonly overdueAfterInMs?: number | undefined
}

/** What deadlines are held against; times by the clock of the back end, in milliseconds since 1970. */
export interface OperationTimes {
  readonly madeAtInMs: number
  /** Undefined as long as it has not begun. */
  readonly startedAtInMs: number | undefined
  /** When it was last seen to change, or somebody began to wait. */
  readonly changedAtInMs: number
}

/** A deadline, and what it throws. */
export interface DueDeadline {
  readonly code: OperationDeadlineCode
  readonly afterInMs: number
  readonly atInMs: number
}

/** @throws RangeError when one of them is of no use */
export function checkDeadlines(deadlines: OperationDeadlines): void {
  for (const name of ['neverStartedAfterInMs', 'silentAfterInMs', 'overdueAfterInMs'] as const) {
    const value = deadlines[name]
    if (value !== undefined) checkTimeoutInMs(name, value)
  }
}

/** Tells whether there is any. */
export function hasDeadlines(deadlines: OperationDeadlines): boolean {
  const { neverStartedAfterInMs, silentAfterInMs, overdueAfterInMs } = deadlines
  return [neverStartedAfterInMs, silentAfterInMs, overdueAfterInMs].some(value => value !== undefined)
}

/** The deadline that comes first, as far as is known now. */
export function nextDeadline(deadlines: OperationDeadlines, times: OperationTimes): DueDeadline | undefined {
  const { neverStartedAfterInMs, silentAfterInMs, overdueAfterInMs } = deadlines
  const { madeAtInMs, startedAtInMs, changedAtInMs } = times
  const due =
    startedAtInMs === undefined
      ? [dueAt('OperationNeverStarted', madeAtInMs, neverStartedAfterInMs)]
      : [
          dueAt('OperationSilent', changedAtInMs, silentAfterInMs),
          dueAt('OperationOverdue', startedAtInMs, overdueAfterInMs),
        ]
  return due.flat().toSorted((left, right) => left.atInMs - right.atInMs)[0]
}

/** The error of a deadline that has passed. */
export function deadlineError(
  { code, afterInMs }: DueDeadline,
  record: OperationRecord<unknown>,
): OperationDeadlineError {
  return new OperationDeadlineError(code, record, afterInMs)
}

/** Tells whether the device has begun to carry an operation out. */
export function hasStarted({ state, startedTime }: OperationRecord<unknown>): boolean {
  return startedTime !== undefined || (state !== 'accepted' && state !== 'waiting')
}

function dueAt(code: OperationDeadlineCode, sinceInMs: number, afterInMs: number | undefined): readonly DueDeadline[] {
  return afterInMs === undefined ? [] : [{ code, afterInMs, atInMs: sinceInMs + afterInMs }]
}
