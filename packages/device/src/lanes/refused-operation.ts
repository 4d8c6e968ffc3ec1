import {
  decodeActionAnswer,
  decodeActionRequest,
  describeIssues,
  divideRequest,
  type OperationEvent,
  type OperationRecord,
  type Refusal,
  reduceOperation,
  type WireAnswer,
} from '@iothub-dm/protocol'
import type { FinishedEntry } from '../operation/journal-entry.ts'
import { digestRequest } from '../operation/request-digest.ts'
import type { DesiredRequest } from './desired-request.ts'
import type { DesiredSection } from './desired-section.ts'

/** What is to be done about the answer to a request of the desired properties. */
export type LaneVerdict =
  /** It has begun, or had before. */
  | { readonly kind: 'taken' }
  /** The device cannot take it up now. */
  | { readonly kind: 'later' }
  /** It will never begin. Nobody waits for the answer: it is reported as an operation that is over. */
  | { readonly kind: 'refused'; readonly entry: FinishedEntry }

/**
 * Judges the answer that a direct method would have had. Pure.
 *
 * @param now ISO 8601, UTC
 */
export function judgeAnswer(
  section: DesiredSection,
  request: DesiredRequest,
  { status, payload }: WireAnswer,
  now: string,
): LaneVerdict {
  const answer = decodeActionAnswer(status, payload)
  if (answer.kind !== 'refused') return { kind: 'taken' }
  const { refusal } = answer
  // Busy, too many failures, a full disk: none of it is the request's fault.
  if (refusal.code === 'Busy' || status === 429 || status >= 500) return { kind: 'later' }
  // The id belongs to another operation, whose record stays what it is.
  const operationId = refusal.code === 'OperationConflict' ? request.derivedId : request.operationId
  const accepted = reduceOperation(undefined, { type: 'accepted', operationId, time: now })
  const record = reduceOperation(accepted, refusalEvent(refusal, now))
  return { kind: 'refused', entry: finishedEntry(section, request, record, false) }
}

function refusalEvent({ code, message, issues = [] }: Refusal, time: string): OperationEvent {
  if (code === 'Expired') return { type: 'expired', time }
  const detail = issues.length === 0 ? message : describeIssues(issues)
  return { type: 'rejected', time, error: { code, message: detail, retryable: false } }
}

/** An operation that is over, as the journal keeps it. */
export function finishedEntry(
  { actionName, action: { definition } }: DesiredSection,
  { payload }: Pick<DesiredRequest, 'payload'>,
  record: OperationRecord,
  reported: boolean,
): FinishedEntry {
  const decoded = decodeActionRequest(payload, definition.pattern?.fromBarePayload)
  const { open } = divideRequest('issues' in decoded ? payload : decoded.request, definition.secrets)
  const { operationId } = record
  return { type: 'finished', operationId, action: actionName, requestDigest: digestRequest(open), record, reported }
}
