import type { JsonObject, OperationRecord } from '@iothub-dm/protocol'

const time = '2026-01-01T00:00:00.000Z'

/** A record, filled up with what the test does not care about. */
export function recordOf(
  members: Pick<OperationRecord, 'operationId' | 'state'> & Partial<OperationRecord>,
): OperationRecord {
  return { status: members.state, attempt: 1, acceptedTime: time, updatedTime: time, ...members }
}

/** Reported properties that show one operation of an action. */
export function reporting(
  actionName: string,
  members: Pick<OperationRecord, 'operationId' | 'state'> & Partial<OperationRecord>,
): JsonObject {
  const { error, ...record } = recordOf(members)
  return {
    iothubDM: { [actionName]: { ...record, ...(error === undefined ? {} : { error: { ...error } }) } },
    $version: 2,
  }
}
