import { type ActionDefinition, type Actions, decodeReportedOperation, type JsonObject } from '@iothub-dm/protocol'
import { mapMembers } from '../contract/map-members.ts'
import { type LatestOperation, readActionRecord } from './action-record.ts'

/** What a device last reported about each of its actions, by name; undefined for those of which it has reported nothing. */
export type LatestOperations<TActions extends Actions> = {
  readonly [TName in keyof TActions]: LatestOperation<TActions[TName]> | undefined
}

/**
 * Reads what a device last reported about an action.
 *
 * @throws InvalidResponseError when its result breaks the schema
 */
export function readLatestOperation(
  actionName: string,
  definition: ActionDefinition,
  reported: JsonObject,
): LatestOperation | undefined {
  const latest = decodeReportedOperation(actionName, definition, reported)
  if (latest?.kind !== 'operation') return latest
  return { kind: 'operation', record: readActionRecord(actionName, definition, latest.record) }
}

/**
 * Reads what a device last reported about all of its actions.
 *
 * @throws InvalidResponseError when a result breaks its schema
 */
export function readLatestOperations<TActions extends Actions>(
  actions: TActions,
  reported: JsonObject,
): LatestOperations<TActions>
export function readLatestOperations(actions: Actions, reported: JsonObject): LatestOperations<Actions> {
  return mapMembers(actions, (definition, name) => readLatestOperation(name, definition, reported))
}
