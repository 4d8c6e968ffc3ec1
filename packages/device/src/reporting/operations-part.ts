import {
  type ActionDefinition,
  decodeOperationRecord,
  encodeDocumentedSections,
  encodeReportedPatch,
  isTerminalState,
  type JsonObject,
  type OperationRecord,
  operationSection,
} from '@iothub-dm/protocol'
import type { OperationLog } from '../operation/operation-log.ts'
import type { ActionFacts } from './action-facts.ts'
import type { ReportedPart } from './reported-part.ts'

/** What {@link operationsPart} is made of. */
export interface OperationsPartOptions {
  readonly actions: Readonly<Record<string, ActionDefinition>>
  /** The newest operation of each action. */
  readonly operations: () => ReadonlyMap<string, OperationLog>
  /** What the handlers of actions tell of the device, for the documented sections. @default nothing */
  readonly facts?: ActionFacts | undefined
  /** Called once the hub has a report of an operation that is under way, or over. @default nobody is told */
  readonly onSent?: ((operationId: string) => void) | undefined
  /** Called once the hub has the terminal state of an operation. */
  readonly onReported: (operationId: string) => Promise<void>
}

/** The operations in the reported properties: the newest one of each action, until the hub has confirmed its end. */
export function operationsPart(options: OperationsPartOptions): ReportedPart {
  const { actions, operations, onSent, onReported } = options
  return {
    draft(reported) {
      const logs = [...operations().values()].filter(log => !log.reported)
      const records = recordsToReport(logs, reported)
      const sections = documentedSections(options, records, reported)
      return {
        patches: [records, withoutResults(records)].map(some =>
          together(encodeReportedPatch(some, actions, reported), sections),
        ),
        async confirm(sent = {}) {
          for (const { action, operationId, record } of logs) {
            if (Object.keys(operationSection(sent, action)).length > 0) onSent?.(operationId)
            if (isTerminalState(record.state)) await onReported(operationId)
          }
        },
      }
    },
  }
}

/** The documented sections of every action that has some, as the difference to what the hub has. */
function documentedSections(
  { actions, operations, facts = noFacts }: OperationsPartOptions,
  records: RecordsByAction,
  reported: JsonObject,
): JsonObject | undefined {
  const logs = operations()
  return Object.entries(actions).reduce<JsonObject | undefined>((sections, [name, action]) => {
    const told = facts.of(name)
    if (told === undefined) return sections
    const log = logs.get(name)
    const state = { record: records[name] ?? log?.record, request: log?.request ?? null, facts: told }
    return together(sections, encodeDocumentedSections(action, state, reported))
  }, undefined)
}

const noFacts: ActionFacts = { of: () => ({}) }

function together(one: JsonObject | undefined, other: JsonObject | undefined): JsonObject | undefined {
  return one === undefined || other === undefined ? (one ?? other) : { ...one, ...other }
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
