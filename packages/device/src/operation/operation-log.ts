import {
  isTerminalState,
  type JsonValue,
  type OperationEvent,
  type OperationRecord,
  reduceOperation,
} from '@iothub-dm/protocol'
import type { JournalEntry, RestartProgress } from './journal-entry.ts'
import { digestRequest } from './request-digest.ts'

/** What the journal knows of a step. */
export interface StepLog {
  /** How often it was begun. */
  readonly begun: number
  readonly done: boolean
  readonly result?: JsonValue
}

/** What the journal knows of a call of `op.restart`. */
export interface RestartLog {
  readonly progress: RestartProgress
  /** The boot in which the restart was intended. */
  readonly bootId: string
}

/** All that is known of an operation on this device. */
export interface OperationLog {
  readonly operationId: string
  readonly action: string
  /** As it came in; null once the operation is over. */
  readonly request: JsonValue
  readonly requestDigest: string
  readonly expiresAt: string | undefined
  readonly record: OperationRecord
  readonly steps: ReadonlyMap<string, StepLog>
  /** By the order of the calls in the handler. */
  readonly restarts: readonly RestartLog[]
  readonly cancelRequested: boolean
  /** Whether the hub has confirmed the terminal state. */
  readonly reported: boolean
  /** Lives of the handler since something was last achieved: a step done, a restart begun. */
  readonly livesWithoutProgress: number
}

/**
 * What is known after an entry; the same log when it changes nothing. Pure. Of an operation that is over only the answer is kept.
 *
 * @param log what was known before; undefined before the first entry of an operation
 * @param phases the phases of the operation's action
 * @throws IllegalTransitionError when the entry does not fit the operation's state
 * @throws TypeError when the entry speaks of an operation that was never accepted
 */
export function applyEntry(
  log: OperationLog | undefined,
  entry: JournalEntry,
  phases: readonly string[],
): OperationLog {
  if (entry.type === 'accepted' || entry.type === 'finished') return firstLog(entry)
  if (log === undefined) throw new TypeError(`operation '${entry.operationId}' was never accepted`)
  if (entry.type === 'event') return applyEvent(log, entry.event, phases)
  const over = isTerminalState(log.record.state)
  if (entry.type === 'reported') return over && !log.reported ? { ...log, reported: true } : log
  // A step that its handler did not wait for.
  if (over) return log
  switch (entry.type) {
    case 'stepBegun':
      return withStep(log, entry.step, { begun: (log.steps.get(entry.step)?.begun ?? 0) + 1, done: false })
    case 'stepDone': {
      const begun = log.steps.get(entry.step)?.begun ?? 1
      const result = entry.result === undefined ? {} : { result: entry.result }
      return { ...withStep(log, entry.step, { begun, done: true, ...result }), livesWithoutProgress: 0 }
    }
    case 'restart':
      return applyRestart(log, entry, phases)
    case 'cancelRequested':
      return log.cancelRequested || log.record.state === 'restarting' ? log : { ...log, cancelRequested: true }
  }
}

/** Applies an event that shows in the record; the same log when it changes nothing. */
export function applyEvent(log: OperationLog, event: OperationEvent, phases: readonly string[]): OperationLog {
  const record = reduceOperation(log.record, event, phases)
  if (record === log.record) return log
  if (isTerminalState(record.state)) return { ...log, ...nothingUnderWay(), request: null, record }
  const begins = event.type === 'started' && event.attempt > log.record.attempt
  return { ...log, record, livesWithoutProgress: log.livesWithoutProgress + (begins ? 1 : 0) }
}

function firstLog(entry: Extract<JournalEntry, { type: 'accepted' | 'finished' }>): OperationLog {
  const { operationId, action } = entry
  if (entry.type === 'finished') {
    const { record, requestDigest, reported } = entry
    return { ...nothingUnderWay(), operationId, action, request: null, requestDigest, record, reported }
  }
  return {
    ...nothingUnderWay(),
    operationId,
    action,
    request: entry.request,
    requestDigest: digestRequest(entry.request),
    expiresAt: entry.expiresAt,
    record: reduceOperation(undefined, { type: 'accepted', operationId, time: entry.time }),
    reported: false,
  }
}

/** What matters only while an operation goes on: the results of its steps must not stay in memory. */
function nothingUnderWay(): Pick<
  OperationLog,
  'expiresAt' | 'steps' | 'restarts' | 'cancelRequested' | 'livesWithoutProgress'
> {
  return { expiresAt: undefined, steps: new Map(), restarts: [], cancelRequested: false, livesWithoutProgress: 0 }
}

function withStep(log: OperationLog, name: string, step: StepLog): OperationLog {
  return { ...log, steps: new Map(log.steps).set(name, step) }
}

function applyRestart(
  log: OperationLog,
  entry: Extract<JournalEntry, { type: 'restart' }>,
  phases: readonly string[],
): OperationLog {
  const { index, progress, bootId, time } = entry
  const changed =
    progress === 'intended'
      ? applyEvent(log, { type: 'restarting', time }, phases)
      : progress === 'notObserved' && log.record.state === 'restarting'
        ? applyEvent(log, { type: 'started', attempt: log.record.attempt, time }, phases)
        : log
  return {
    ...changed,
    restarts: changed.restarts.toSpliced(index, 1, { progress, bootId }),
    livesWithoutProgress: progress === 'begun' ? 0 : changed.livesWithoutProgress,
  }
}
