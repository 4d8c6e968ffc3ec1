import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'

const mark = 'c'

/** What marks a component in the properties of a device twin (IoT Plug and Play conventions). */
export const componentMark: { readonly __t: typeof mark } = { __t: mark }

/** Tells a component from a property whose value is an object. */
export function isComponent(value: JsonValue | undefined): value is JsonObject {
  return isJsonObject(value) && memberOf(value, '__t') === mark
}
