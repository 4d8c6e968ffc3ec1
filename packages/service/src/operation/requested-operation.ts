import { decodeDesiredOperation, type OperationRecord } from '@iothub-dm/protocol'
import type { DeviceTwin } from '../hub/iot-hub.ts'
import { operationIdTime } from './is-reported-after.ts'
import type { KnownOperation } from './known-operation.ts'

/**
 * An operation that only the desired properties ask for so far.
 *
 * @param time when it was asked for, or seen, ISO 8601, UTC
 */
export function requestedOperation(operationId: string, time: string): KnownOperation {
  const record: OperationRecord = {
    operationId,
    state: 'waiting',
    status: 'waiting',
    detail: 'asked for in the desired properties; the device has said nothing of it yet',
    attempt: 0,
    acceptedTime: time,
    updatedTime: time,
  }
  return { record, source: 'request' }
}

/** Tells whether the desired properties ask for an operation. */
export function isRequested(
  { desired }: Pick<DeviceTwin, 'desired'>,
  actionName: string,
  operationId: string,
): boolean {
  const wanted = decodeDesiredOperation(actionName, desired)
  return wanted !== undefined && 'operationId' in wanted && wanted.operationId === operationId
}

/**
 * Tells whether a twin asks for an operation that the device has still to take up: it was asked for after the one that the
 * device reports, by the hub's clock.
 */
export function isPending(
  { desired, reported }: Pick<DeviceTwin, 'desired' | 'reported'>,
  actionName: string,
  operationId: string,
): boolean {
  if (!isRequested({ desired }, actionName, operationId)) return false
  const askedAtInMs = operationIdTime(desired, actionName)
  const reportedAtInMs = operationIdTime(reported, actionName)
  return askedAtInMs === undefined || reportedAtInMs === undefined || reportedAtInMs < askedAtInMs
}
