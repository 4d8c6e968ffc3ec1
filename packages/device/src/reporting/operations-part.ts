import {
  type ActionDefinition,
  decodeOperationRecord,
  encodeReportedPatch,
  isTerminalState,
  type JsonObject,
  type OperationRecord,
  operationSection,
} from '@iothub-dm/protocol'
import type { OperationLog } from '../operation/operation-log.ts'
import type { ReportedPart } from './reported-part.ts'

/** What {@link operationsPart} is made of. */
export interface OperationsPartOptions {
  readonly actions: Readonly<Record<string, ActionDefinition>>
  /** The newest operation of each action. */
  readonly operations: () => ReadonlyMap<string, OperationLog>
  /** Called once the hub has the terminal state of an operation. */
  readonly onReported: (operationId: string) => Promise<void>
}

/** The operations in the reported properties: the newest one of each action, until the hub has confirmed its end. */
export function operationsPart({ actions, operations, onReported }: OperationsPartOptions): ReportedPart {
  return {
    draft(reported) {
      const logs = [...operations().values()].filter(log => !log.reported)
      const records = recordsToReport(logs, reported)
      return {
        patches: [records, withoutResults(records)].map(some => encodeReportedPatch(some, actions, reported)),
        async confirm() {
          for (const { operationId, record } of logs) {
            if (isTerminalState(record.state)) await onReported(operationId)
          }
        },
      }
    },
  }
}

/** Operation records by the name of their action. */
type RecordsByAction = Readonly<Record<string, OperationRecord>>

/**
 * The records as they should be reported: never further back than what the hub has. Percentages are not journaled, so a life
 * that runs again from the top knows less of them than the hub.
 *
 * @param reported the reported properties as the hub has them
 */
function recordsToReport(logs: readonly OperationLog[], reported: JsonObject): RecordsByAction {
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
function withoutResults(records: RecordsByAction): RecordsByAction {
  return Object.fromEntries(
    Object.entries(records).map(([action, record]) => {
      const { result, ...rest } = record
      return [action, result === undefined ? record : { ...rest, detail: 'the hub refused the result' }]
    }),
  )
}
