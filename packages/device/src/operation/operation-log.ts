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
  /** It must not be repeated when it was cut off. */
  readonly once: boolean
  readonly done: boolean
  readonly result?: JsonValue
}

/** What the journal knows of a call of `op.restart`. */
export interface RestartLog {
  readonly progress: RestartProgress
  /** The boot in which the restart was intended. */
  readonly bootId: string
}

/** What the journal knows of a deferral that is in force. */
export interface Deferral {
  /** ISO 8601, UTC. */
  readonly until: string
  /** When it was made. ISO 8601, UTC. */
  readonly since: string
  readonly detail: string
}

/** What matters of an operation only while it goes on. */
export interface UnderWay {
  readonly steps: ReadonlyMap<string, StepLog>
  readonly restarts: ReadonlyMap<string, RestartLog>
  /** The names of the deferrals that the handler has made. */
  readonly deferrals: ReadonlySet<string>
  /** The deferral that holds the operation now. */
  readonly deferral: Deferral | undefined
  /** How long the deferrals are, in milliseconds; they do not count against the time limit. */
  readonly deferredForInMs: number
  readonly cancelRequested: boolean
  readonly pointOfNoReturn: boolean
  /** Lives of the handler, this one included, since something was last achieved: a step done, a restart begun, a deferral made. */
  readonly livesWithoutProgress: number
  /** Whether the last life of the handler was ended by the agent, in good order. */
  readonly suspended: boolean
}

/** An operation that has not begun, or is over: the results of its steps must not stay in memory. */
export const nothingUnderWay: UnderWay = {
  steps: new Map(),
  restarts: new Map(),
  deferrals: new Set(),
  deferral: undefined,
  deferredForInMs: 0,
  cancelRequested: false,
  pointOfNoReturn: false,
  livesWithoutProgress: 0,
  suspended: false,
}

/** All that is known of an operation on this device. */
export interface OperationLog extends UnderWay {
  readonly operationId: string
  readonly action: string
  /** As it came in, without its secrets; null once the operation is over. */
  readonly request: JsonValue
  readonly requestDigest: string
  /** The operation must not begin after this time. ISO 8601, UTC. */
  readonly expiresAt: string | undefined
  readonly record: OperationRecord
  /** Whether the hub has confirmed the terminal state. */
  readonly reported: boolean
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
    case 'stepBegun': {
      const begun = (log.steps.get(entry.step)?.begun ?? 0) + 1
      return withStep(log, entry.step, { begun, once: entry.once === true, done: false })
    }
    case 'stepDone': {
      const { begun, once } = log.steps.get(entry.step) ?? { begun: 1, once: false }
      const result = entry.result === undefined ? {} : { result: entry.result }
      // This life is the first that tries what comes next.
      return { ...withStep(log, entry.step, { begun, once, done: true, ...result }), livesWithoutProgress: 1 }
    }
    case 'restart':
      return applyRestart(log, entry, phases)
    case 'deferred':
      return applyDeferral(log, entry, phases)
    case 'cancelRequested':
      return isCancellable(log) ? { ...log, cancelRequested: true } : log
    case 'pointOfNoReturn':
      return log.pointOfNoReturn || log.cancelRequested ? log : { ...log, pointOfNoReturn: true }
    case 'suspended':
      return log.suspended || log.record.attempt === 0
        ? log
        : { ...log, suspended: true, livesWithoutProgress: Math.max(0, log.livesWithoutProgress - 1) }
  }
}

/** Whether it is neither asked to end already nor past the point where it can be. */
export function isCancellable(log: OperationLog): boolean {
  const { record, cancelRequested, pointOfNoReturn } = log
  return !cancelRequested && !pointOfNoReturn && record.state !== 'restarting' && !isTerminalState(record.state)
}

/** Applies an event that shows in the record; the same log when it changes nothing. */
export function applyEvent(log: OperationLog, event: OperationEvent, phases: readonly string[]): OperationLog {
  const record = reduceOperation(log.record, event, phases)
  if (record === log.record) return log
  if (isTerminalState(record.state)) return { ...log, ...nothingUnderWay, request: null, record }
  if (event.type !== 'started') return { ...log, record }
  const lives =
    event.attempt > log.record.attempt ? log.livesWithoutProgress + 1 : Math.max(1, log.livesWithoutProgress)
  return { ...log, record, deferral: undefined, suspended: false, livesWithoutProgress: lives }
}

function firstLog(entry: Extract<JournalEntry, { type: 'accepted' | 'finished' }>): OperationLog {
  const { operationId, action } = entry
  if (entry.type === 'finished') {
    const { record, requestDigest, reported, expiresAt } = entry
    return { ...nothingUnderWay, operationId, action, request: null, requestDigest, expiresAt, record, reported }
  }
  return {
    ...nothingUnderWay,
    operationId,
    action,
    request: entry.request,
    requestDigest: digestRequest(entry.request),
    expiresAt: entry.expiresAt,
    record: reduceOperation(undefined, { type: 'accepted', operationId, time: entry.time }),
    reported: false,
  }
}

function withStep(log: OperationLog, name: string, step: StepLog): OperationLog {
  return { ...log, steps: new Map(log.steps).set(name, step) }
}

function applyRestart(
  log: OperationLog,
  entry: Extract<JournalEntry, { type: 'restart' }>,
  phases: readonly string[],
): OperationLog {
  const { name, progress, bootId, time } = entry
  const changed =
    progress === 'intended'
      ? applyEvent(log, { type: 'restarting', time }, phases)
      : progress === 'notObserved' && log.record.state === 'restarting'
        ? applyEvent(log, { type: 'started', attempt: log.record.attempt, time }, phases)
        : log
  return {
    ...changed,
    restarts: new Map(changed.restarts).set(name, { progress, bootId }),
    livesWithoutProgress: progress === 'begun' ? 0 : changed.livesWithoutProgress,
  }
}

function applyDeferral(
  log: OperationLog,
  entry: Extract<JournalEntry, { type: 'deferred' }>,
  phases: readonly string[],
): OperationLog {
  const { name, until, detail, time } = entry
  if (log.deferrals.has(name)) return log
  return {
    ...applyEvent(log, { type: 'waiting', detail, time }, phases),
    deferrals: new Set(log.deferrals).add(name),
    deferral: { until, since: time, detail },
    deferredForInMs: log.deferredForInMs + Math.max(0, Date.parse(until) - Date.parse(time)),
    livesWithoutProgress: 0,
  }
}
