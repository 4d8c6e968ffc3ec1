import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts'

/**
 * The smallest merge patch (RFC 7396) that turns one object into another; null deletes a member. Arrays are replaced whole.
 *
 * @returns undefined when there is nothing to change
 */
export function createMergePatch(from: JsonObject, to: JsonObject): JsonObject | undefined {
  const patch: [string, JsonValue][] = []
  for (const key of Object.keys(from)) {
    if (member(from, key) !== undefined && member(to, key) === undefined) patch.push([key, null])
  }
  for (const key of Object.keys(to)) {
    const before = member(from, key)
    const after = member(to, key)
    if (after === undefined) continue
    if (isJsonObject(before) && isJsonObject(after)) {
      const inner = createMergePatch(before, after)
      if (inner !== undefined) patch.push([key, inner])
    } else if (!sameJson(before, after)) {
      patch.push([key, after])
    }
  }
  return patch.length === 0 ? undefined : Object.fromEntries(patch)
}

/** Applies a merge patch (RFC 7396) and returns the new object; neither argument is changed. */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const result = new Map<string, JsonValue>()
  for (const key of Object.keys(target)) {
    const value = member(target, key)
    if (value !== undefined) result.set(key, value)
  }
  for (const key of Object.keys(patch)) {
    const change = member(patch, key)
    if (change === undefined) continue
    if (change === null) {
      result.delete(key)
    } else if (isJsonObject(change)) {
      const before = result.get(key)
      result.set(key, applyMergePatch(isJsonObject(before) ? before : {}, change))
    } else {
      result.set(key, change)
    }
  }
  return Object.fromEntries(result)
}

/** Tells whether two JSON values are the same; the order of members does not count, absent is the same as undefined. */
export function sameJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === right) return true
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item: JsonValue, index) => sameJson(item, right[index]))
  }
  if (!isJsonObject(left) || !isJsonObject(right)) return false
  return (
    Object.keys(left).every(key => sameJson(member(left, key), member(right, key))) &&
    Object.keys(right).every(key => member(right, key) === undefined || member(left, key) !== undefined)
  )
}

/** An own member: what came over the wire must not reach the prototype. */
function member(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}
