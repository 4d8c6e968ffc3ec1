import { decodeOperationRecord, type JsonObject, type OperationRecord, operationSection } from '@iothub-dm/protocol'
import type { OperationLog } from '../operation/operation-log.ts'

/** Operation records by the name of their action. */
export type RecordsByAction = Readonly<Record<string, OperationRecord>>

/**
 * The records as they should be reported: never further back than what the hub has. Percentages are not journaled, so a life
 * that runs again from the top knows less of them than the hub.
 *
 * @param reported the reported properties as the hub has them
 */
export function recordsToReport(logs: readonly OperationLog[], reported: JsonObject): RecordsByAction {
  return Object.fromEntries(
    logs.map(({ action, record }) => [
      action,
      notBehind(record, decodeOperationRecord(operationSection(reported, action))),
    ]),
  )
}

function notBehind(record: OperationRecord, before: OperationRecord | undefined): OperationRecord {
  if (before?.operationId !== record.operationId || before.status !== record.status) return record
  const { percent, detail } = before
  if (percent === undefined || percent <= (record.percent ?? -1)) return record
  return { ...record, percent, ...(detail === undefined ? {} : { detail }) }
}

/** The same records without what may be too much for the hub; that an operation is over must get through. */
export function withoutResults(records: RecordsByAction): RecordsByAction {
  return Object.fromEntries(
    Object.entries(records).map(([action, record]) => {
      const { result, ...rest } = record
      return [action, result === undefined ? record : { ...rest, detail: 'the hub refused the result' }]
    }),
  )
}
