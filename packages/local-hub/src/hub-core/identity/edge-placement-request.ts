import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import type { EdgePlacement } from './edge-placement.ts'

/**
 * Reads what the body of an identity PUT says about the edge.
 *
 * @throws HubError 400 when a member does not have the expected form.
 */
export function parseEdgePlacement(body: JsonObject): EdgePlacement {
  const capabilities = memberOf(body, 'capabilities') ?? {}
  if (!isJsonObject(capabilities)) throw new HubError('ArgumentInvalid', 'capabilities must be an object.')
  const iotEdge = memberOf(capabilities, 'iotEdge') ?? false
  if (typeof iotEdge !== 'boolean') throw new HubError('ArgumentInvalid', 'capabilities.iotEdge must be true or false.')
  const deviceScope = memberOf(body, 'deviceScope') ?? null
  if (deviceScope !== null && typeof deviceScope !== 'string') {
    throw new HubError('InvalidDeviceScope', 'deviceScope must be a string.')
  }
  return { iotEdge, deviceScope: deviceScope || null, parentScopes: parseScopes(memberOf(body, 'parentScopes') ?? []) }
}

function parseScopes(value: JsonValue): readonly string[] {
  const scopes = Array.isArray(value) ? value.filter(scope => typeof scope === 'string') : undefined
  if (!Array.isArray(value) || scopes?.length !== value.length) {
    throw new HubError('InvalidDeviceScope', 'parentScopes must be an array of strings.')
  }
  return scopes
}
