import { IotHubDmError } from '../errors/iothub-dm-error.ts'
import { clipText } from '../json/clip-text.ts'
import { limits } from './limits.ts'
import type { OperationEvent } from './operation-event.ts'
import { type OperationError, type OperationRecord, operationErrorCode } from './operation-record.ts'
import { isOperationState, legalTransitions, type OperationState } from './operation-state.ts'

/** Thrown when an event does not fit the state that an operation is in: a defect of the caller. */
export class IllegalTransitionError extends IotHubDmError<'IllegalTransition'> {
  override readonly name = 'IllegalTransitionError'

  /**
   * @param from the state that the operation is in; `none` before its first event
   * @param event the event that does not fit
   */
  constructor(from: OperationState | 'none', event: OperationEvent['type']) {
    super('IllegalTransition', `an operation in state '${from}' cannot take the event '${event}'`)
  }
}

/**
 * The state machine of an operation: the record after an event. Pure.
 *
 * Progress never goes back, so that a handler which runs again from the top after a restart does not seem to undo what it
 * had reported: a phase before the current one, or a smaller percentage within it, changes nothing.
 *
 * @param record the record so far; undefined before the first event
 * @param event what happened
 * @param phases the action's phases in their order
 * @throws IllegalTransitionError when the event does not fit the state
 */
export function reduceOperation(
  record: OperationRecord | undefined,
  event: OperationEvent,
  phases: readonly string[] = [],
): OperationRecord {
  if (record === undefined) return firstRecord(event)
  switch (event.type) {
    case 'accepted':
      throw new IllegalTransitionError(record.state, event.type)
    case 'waiting':
      return { ...enter(record, event, 'waiting'), ...detail(event.detail) }
    case 'started':
      return {
        ...enter(withoutReason(record), event, 'running'),
        attempt: event.attempt,
        startedTime: record.startedTime ?? event.time,
        ...detail(event.detail),
      }
    case 'phase':
      return afterPhase(record, event, phases)
    case 'progress':
      return afterProgress(record, event)
    case 'restarting':
      return enter(record, event, 'restarting')
    case 'succeeded':
      return {
        ...withStatus(finish(record, event, 'succeeded'), 'succeeded'),
        ...(event.result === undefined ? {} : { result: event.result }),
      }
    case 'failed':
      return { ...finish(record, event, 'failed'), error: clampError(event.error) }
    case 'rejected':
      return { ...finish(record, event, 'rejected'), error: clampError(event.error) }
    case 'cancelled':
      return finish(record, event, 'cancelled')
    case 'expired':
      return { ...finish(record, event, 'expired'), error: expiredError }
  }
}

const expiredError: OperationError = {
  code: operationErrorCode.Expired,
  message: 'the time limit of the request passed before it could begin',
  retryable: true,
}

function firstRecord(event: OperationEvent): OperationRecord {
  if (event.type !== 'accepted') throw new IllegalTransitionError('none', event.type)
  return {
    operationId: event.operationId,
    state: 'accepted',
    status: 'accepted',
    attempt: 0,
    acceptedTime: event.time,
    updatedTime: event.time,
  }
}

/** Moves to another state; the phase stays visible in `status` (no phase has the word of a state), and so does how far it was. */
function enter(record: OperationRecord, event: OperationEvent, state: OperationState): OperationRecord {
  if (!legalTransitions[record.state].includes(state)) throw new IllegalTransitionError(record.state, event.type)
  const status = isOperationState(record.status) ? state : record.status
  return { ...record, state, status, updatedTime: event.time }
}

function finish(record: OperationRecord, event: OperationEvent, state: OperationState): OperationRecord {
  return { ...enter(record, event, state), finishedTime: event.time }
}

function afterPhase(
  record: OperationRecord,
  event: Extract<OperationEvent, { type: 'phase' }>,
  phases: readonly string[],
): OperationRecord {
  if (record.state !== 'running') throw new IllegalTransitionError(record.state, event.type)
  if (phases.indexOf(event.phase) <= phases.indexOf(record.status)) return record
  return { ...withStatus(record, event.phase), updatedTime: event.time }
}

function afterProgress(record: OperationRecord, event: Extract<OperationEvent, { type: 'progress' }>): OperationRecord {
  if (record.state !== 'running') throw new IllegalTransitionError(record.state, event.type)
  if (event.phase !== undefined && event.phase !== record.status) return record
  const percent = Math.min(100, Math.max(0, event.percent))
  if (Number.isNaN(percent) || percent < (record.percent ?? 0)) return record
  return { ...record, percent, ...detail(event.detail), updatedTime: event.time }
}

/** Percentage and detail belong to the phase that is over. */
function withStatus(record: OperationRecord, status: string): OperationRecord {
  const { percent: _percent, detail: _detail, ...rest } = record
  return { ...rest, status }
}

/** Why it waited is of no interest once it goes on. */
function withoutReason(record: OperationRecord): OperationRecord {
  if (record.state !== 'waiting') return record
  const { detail: _detail, ...rest } = record
  return rest
}

function detail(text: string | undefined): { detail?: string } {
  return text === undefined ? {} : { detail: clipText(text, limits.detailLength) }
}

function clampError(error: OperationError): OperationError {
  return { ...error, message: clipText(error.message, limits.errorMessageLength) }
}
