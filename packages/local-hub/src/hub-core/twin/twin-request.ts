import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf, omitMembers } from '../json/json.ts'

/** The parts of a twin that a request of the service writes; a part that is not there is undefined. */
export interface TwinRequest {
  /** Null where the caller sent null. */
  readonly tags: JsonObject | null | undefined
  readonly desired: JsonObject | null | undefined
}

const readOnlyMembers = ['$metadata', '$version']

/**
 * Reads the body of a twin PATCH or PUT. Clients send whole twin documents back, so everything but tags and desired is ignored,
 * `$metadata` and `$version` included (wire reference 3.4).
 *
 * @throws HubError 400 when a part is not an object.
 */
export function parseTwinRequest(body: JsonValue | undefined): TwinRequest {
  if (!isJsonObject(body)) throw notAnObject('The body')
  const properties = objectOrNull(memberOf(body, 'properties'), 'properties')
  return {
    tags: objectOrNull(memberOf(body, 'tags'), 'tags'),
    desired: isJsonObject(properties) ? desiredOf(properties) : undefined,
  }
}

function desiredOf(properties: JsonObject): JsonObject | null | undefined {
  const desired = objectOrNull(memberOf(properties, 'desired'), 'properties.desired')
  return isJsonObject(desired) ? omitMembers(desired, readOnlyMembers) : desired
}

function objectOrNull(value: JsonValue | undefined, name: string): JsonObject | null | undefined {
  if (value === undefined || value === null || isJsonObject(value)) return value
  throw notAnObject(name)
}

function notAnObject(name: string): HubError {
  return new HubError('ArgumentInvalid', `${name} must be a JSON object.`, { form: 'nested' })
}
