import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts'
import { createMergePatch } from '../json/merge-patch.ts'
import { findTwinIssue, twinLevel } from '../json/twin-rules.ts'
import { reportedRoot } from '../operation/reported-section.ts'
import { describeIssues } from '../schema/issues.ts'
import {
  type ActionRequest,
  decodeActionRequest,
  encodeActionRequest,
  type InvalidActionRequest,
} from './action-request.ts'

/**
 * The patch of the desired properties that asks a device for an operation: `iothubDM.<action>` with what the direct method would
 * carry. The device gets it when it next connects, and takes whichever of the two comes first for the same operation.
 *
 * @param actionName an action of the contract
 * @param request `operationId` makes it the same operation as that of the direct method; `expiresAt` keeps it from beginning
 * too late, which on this lane can be days
 * @param desired the desired properties as the hub has them: what another request has left there must not be merged into this one
 * @returns undefined when the hub has it already
 * @throws TypeError when the hub would not store the request: null, keys with blanks or dots, too deep
 * @example
 * ```ts
 * encodeDesiredOperation('reboot', { operationId: 'op-1', request: { delaySeconds: 5 } }, {})
 * // { iothubDM: { reboot: { delaySeconds: 5, operationId: 'op-1' } } }
 * ```
 */
export function encodeDesiredOperation(
  actionName: string,
  request: Parameters<typeof encodeActionRequest>[0],
  desired: JsonObject,
): JsonObject | undefined {
  const wanted = encodeActionRequest(request)
  const issue = findTwinIssue(wanted, twinLevel.configuration)
  if (issue !== undefined) {
    throw new TypeError(`request of action '${actionName}' as a desired property: ${describeIssues([issue])}`)
  }
  return createMergePatch(
    { [reportedRoot]: { [actionName]: desiredOperationValue(actionName, desired) } },
    { [reportedRoot]: { [actionName]: wanted } },
  )
}

/**
 * The patch of the desired properties that takes the request of an operation away again. An operation that the device has accepted goes
 * on: `cancelOperation` ends it.
 */
export function encodeDesiredOperationClear(actionName: string): JsonObject {
  return { [reportedRoot]: { [actionName]: null } }
}

/**
 * Reads which operation the desired properties ask for.
 *
 * @param actionName an action of the contract
 * @param desired the desired properties
 * @param fromBarePayload see `decodeActionRequest`
 * @returns undefined when there is none; the issues when it cannot be read
 */
export function decodeDesiredOperation(
  actionName: string,
  desired: JsonObject,
  fromBarePayload?: (payload: JsonValue) => JsonValue,
): ActionRequest | InvalidActionRequest | undefined {
  const value = desiredOperationValue(actionName, desired)
  return value === undefined ? undefined : decodeActionRequest(value, fromBarePayload)
}

/**
 * The desired property `iothubDM.<action>`, as it stands there.
 *
 * @param desired the desired properties
 * @returns undefined when there is none
 */
export function desiredOperationValue(actionName: string, desired: JsonObject): JsonValue | undefined {
  const root = Object.hasOwn(desired, reportedRoot) ? desired[reportedRoot] : undefined
  return isJsonObject(root) && Object.hasOwn(root, actionName) ? root[actionName] : undefined
}
