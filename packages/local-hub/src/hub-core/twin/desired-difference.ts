import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'

/**
 * What a device is told when desired properties are replaced: every new property with its value and every removed one as
 * null. It goes by existence, values are not compared (wire reference 1.15).
 */
export function desiredDifference(before: JsonObject, after: JsonObject): JsonObject {
  const difference = new Map<string, JsonValue>()
  for (const key of Object.keys(before)) {
    if (!Object.hasOwn(after, key)) difference.set(key, null)
  }
  for (const [key, value] of Object.entries(after)) {
    const former = memberOf(before, key)
    difference.set(key, isJsonObject(value) && isJsonObject(former) ? desiredDifference(former, value) : value)
  }
  return Object.fromEntries(difference)
}
