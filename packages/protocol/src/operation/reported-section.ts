import type { ActionDefinition } from '../contract/action.ts'
import { isJsonObject, type JsonObject } from '../json/json-value.ts'
import { createMergePatch } from '../json/merge-patch.ts'
import type { OperationRecord } from './operation-record.ts'

/** The reported property under which every operation is found, as in Microsoft's device management samples. */
export const reportedRoot = 'iothubDM'

const recordMembers = [
  'operationId',
  'state',
  'status',
  'percent',
  'detail',
  'attempt',
  'acceptedTime',
  'startedTime',
  'updatedTime',
  'finishedTime',
  'result',
  'error',
  'queued',
] as const satisfies readonly (keyof OperationRecord)[]

/**
 * The section `iothubDM.<action>` as it should be once the record is reported: the record, the documented leaves of the
 * pattern, and what else stands there already (such as `lastReboot` of an earlier operation).
 *
 * @param record the operation
 * @param pattern the pattern of the action, if it is a documented one
 * @param known the section as the hub has it now
 */
export function encodeOperationSection(
  record: OperationRecord,
  pattern: ActionDefinition['pattern'],
  known: JsonObject = {},
): JsonObject {
  const kept = Object.entries(known).filter(([key]) => !recordMembers.some(member => member === key))
  const { error, ...rest } = record
  return {
    ...Object.fromEntries(kept),
    ...pattern?.documentedLeaves(record),
    ...rest,
    ...(error === undefined ? {} : { error: { ...error } }),
  }
}

/**
 * The patch of the reported properties that brings the hub to the given records. Members that an operation before left
 * behind, and the new one does not have, are nulled.
 *
 * @param records the newest operation of each action, by the action's name
 * @param actions the actions of the contract
 * @param reported the reported properties as the hub has them
 * @returns undefined when the hub has everything
 */
export function encodeReportedPatch(
  records: Readonly<Record<string, OperationRecord>>,
  actions: Readonly<Record<string, ActionDefinition>>,
  reported: JsonObject,
): JsonObject | undefined {
  const known = section(reported, reportedRoot)
  const wanted = Object.entries(records).map(
    ([name, record]) => [name, encodeOperationSection(record, actions[name]?.pattern, section(known, name))] as const,
  )
  const patch = createMergePatch(known, { ...known, ...Object.fromEntries(wanted) })
  return patch === undefined ? undefined : { [reportedRoot]: patch }
}

/** The part of the reported properties that belongs to an action; empty when there is none. */
export function operationSection(reported: JsonObject, actionName: string): JsonObject {
  return section(section(reported, reportedRoot), actionName)
}

function section(object: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return isJsonObject(value) ? value : {}
}
