import { isJsonObject, type JsonValue, memberOf } from './json.ts'
import { numberOf } from './written-number.ts'

/** Tells whether two values are the same; numbers may be written in another way, members may be in another order, elements may not. */
export function jsonEqual(first: JsonValue | undefined, second: JsonValue | undefined): boolean {
  if (Array.isArray(first) && Array.isArray(second)) {
    return first.length === second.length && first.every((element, index) => jsonEqual(element, second[index]))
  }
  if (!isJsonObject(first) || !isJsonObject(second)) return (numberOf(first) ?? first) === (numberOf(second) ?? second)
  const names = Object.keys(first)
  return (
    names.length === Object.keys(second).length &&
    names.every(name => Object.hasOwn(second, name) && jsonEqual(first[name], memberOf(second, name)))
  )
}
