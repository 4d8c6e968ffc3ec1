import {
  type ActionDefinition,
  decodeOperationRecord,
  type ErrorCodeOf,
  type JsonObject,
  type JsonValue,
  type OperationErrorCode,
  type OperationRecord,
  type PhaseOf,
} from '@iothub-dm/protocol'
import type { Clock } from '../clock/clock.ts'
import type { QueryCalls } from '../hub/iot-hub.ts'
import type { Condition } from '../query/condition.ts'
import { type Paged, paged } from '../query/paged.ts'
import { readPages } from '../query/read-pages.ts'
import { actionPath } from '../query/twin-fields.ts'

/** The newest operation of an action on a device, as a query finds it. */
export interface DeviceOperation<TAction extends ActionDefinition = ActionDefinition> {
  readonly deviceId: string
  readonly connectionState: string
  /** As the device reports it; its result is not held against the schema, so that one strange device does not end the list. */
  readonly record: OperationRecord<JsonValue, PhaseOf<TAction>, ErrorCodeOf<TAction> | OperationErrorCode>
}

/**
 * Finds the newest operations of an action, of the devices that have one and that the condition takes in. As fresh as queries are:
 * seconds behind the twins, as a rule.
 */
export function queryOperations(
  hub: QueryCalls,
  clock: Clock,
  actionName: string,
  condition: Condition<never> | undefined,
): Paged<DeviceOperation> {
  const record = actionPath(actionName)
  const isThere = `IS_DEFINED(${actionPath(actionName, 'operationId')})`
  const filter = condition === undefined ? isThere : `${isThere} AND ${condition.text}`
  const text = `SELECT deviceId, connectionState, ${record} AS record FROM devices WHERE ${filter}`
  return paged(async function* (options) {
    for await (const rows of readPages(hub, clock, text, options)) {
      const operations = rows.flatMap(readRow)
      if (operations.length > 0) yield operations
    }
  })
}

function readRow({ deviceId, connectionState, record }: JsonObject): readonly DeviceOperation[] {
  const decoded = decodeOperationRecord(record)
  if (decoded === undefined || typeof deviceId !== 'string' || typeof connectionState !== 'string') return []
  return [{ deviceId, connectionState, record: decoded }]
}
