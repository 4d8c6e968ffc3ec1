import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'

/** What marks a component in the properties of a device twin (IoT Plug and Play conventions). */
export const componentMark = { __t: 'c' } as const

/** Tells a component from a property whose value is an object. */
export function isComponent(value: JsonValue | undefined): value is JsonObject {
  return isJsonObject(value) && memberOf(value, '__t') === componentMark.__t
}
