import {
  decodeOperationRecord,
  isTerminalState,
  type JsonObject,
  type OperationRecord,
  operationSection,
  reduceOperation,
} from '@iothub-dm/protocol'
import type { FinishedEntry } from '../operation/journal-entry.ts'
import { type DesiredRequest, isDerivedFrom } from './desired-request.ts'
import type { DesiredSection } from './desired-section.ts'
import { finishedEntry } from './refused-operation.ts'

/**
 * What the hub still knows of an operation when the device has lost its journal: it must not run again. Pure.
 *
 * @param reported the reported properties
 * @param now ISO 8601, UTC
 * @returns the operation as one that is over: with its outcome, or as failed when nobody knows how far it came; undefined when
 * it was never reported, or had not begun
 */
export function reportedBefore(
  section: DesiredSection,
  request: DesiredRequest,
  reported: JsonObject,
  now: string,
): FinishedEntry | undefined {
  const record = decodeOperationRecord(operationSection(reported, section.actionName))
  if (record === undefined) return undefined
  const { operationId, state, attempt } = record
  if (operationId !== request.operationId && !isDerivedFrom(operationId, request)) return undefined
  if (isTerminalState(state)) return finishedEntry(section, request, record, true)
  return attempt === 0 ? undefined : finishedEntry(section, request, outcomeUnknown(record, now), false)
}

function outcomeUnknown(record: OperationRecord, time: string): OperationRecord {
  const message = 'the device lost its journal in the middle of the operation'
  return reduceOperation(record, { type: 'failed', error: { code: 'OutcomeUnknown', message, retryable: false }, time })
}
