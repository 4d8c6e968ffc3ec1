import { isJsonObject, type JsonObject, type JsonValue } from './json.ts'
import { WrittenNumber } from './written-number.ts'

/** A JSON value as JavaScript has it: every number a plain one. */
export type PlainJson = null | boolean | number | string | readonly PlainJson[] | PlainJsonObject

/** A JSON object as JavaScript has it. */
export interface PlainJsonObject {
  readonly [key: string]: PlainJson
}

/** The value with plain numbers, for whoever counts, compares or shows it. */
export function plainJson(value: JsonValue): PlainJson {
  if (value instanceof WrittenNumber) return value.value
  if (isJsonObject(value)) return plainJsonObject(value)
  return typeof value === 'object' && value !== null ? value.map(plainJson) : value
}

/** The object with plain numbers. */
export function plainJsonObject(object: JsonObject): PlainJsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [key, plainJson(member)]))
}
