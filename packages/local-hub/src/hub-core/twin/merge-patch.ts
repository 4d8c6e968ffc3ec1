import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'

/**
 * Applies a JSON merge patch (RFC 7396) and returns the new object: null deletes, objects merge, arrays and scalars replace.
 * Neither argument is changed.
 */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = new Map<string, JsonValue>(Object.entries(target))
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key)
    else merged.set(key, isJsonObject(value) ? mergePatch(objectMember(target, key), value) : value)
  }
  return Object.fromEntries(merged)
}

/** The object under a key, or an empty one where there is none to merge into. */
function objectMember(object: JsonObject, key: string): JsonObject {
  const member = memberOf(object, key)
  return isJsonObject(member) ? member : {}
}
