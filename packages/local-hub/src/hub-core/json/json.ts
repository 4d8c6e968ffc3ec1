import { WrittenNumber } from './written-number.ts'

/** Any JSON value, with its numbers as they were written. */
export type JsonValue = null | boolean | number | WrittenNumber | string | readonly JsonValue[] | JsonObject

/** A JSON object. Its members are own properties, so a key such as `__proto__` is data like any other. */
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** Tells a JSON object from arrays, null and scalars. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber)
}

/** An own member of an object; inherited names read as absent. */
export function memberOf(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/** A copy of the object without the named members. */
export function omitMembers(object: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}
