import type { JsonValue } from './json-value.ts'

/**
 * A value as JSON would bring it back, so that what is kept in memory and what is read again later are the same.
 *
 * @param value anything
 * @param item what it is, for the error
 * @throws TypeError when the value would not survive: a class instance, a function, a number that is not finite, a cycle
 */
export function toJson(value: unknown, item: string): JsonValue {
  return convert(value, item, [])
}

function convert(value: unknown, item: string, parents: readonly object[]): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${item} must be JSON, got the number ${value}`)
      return value
    case 'object':
      return value === null ? null : convertObject(value, item, parents)
    default:
      throw new TypeError(`${item} must be JSON, got a value of type ${typeof value}`)
  }
}

function convertObject(value: object, item: string, parents: readonly object[]): JsonValue {
  if (parents.includes(value)) throw new TypeError(`${item} must be JSON, got an object that contains itself`)
  const inside = [...parents, value]
  if (Array.isArray(value)) return value.map((element: unknown) => convert(element, item, inside))
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    const name = typeof value.constructor === 'function' ? value.constructor.name : 'a class without a name'
    throw new TypeError(`${item} must be JSON, got an instance of ${name}`)
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(members.map(([key, member]) => [key, convert(member, item, inside)]))
}
