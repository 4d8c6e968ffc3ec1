import { limits } from '../operation/limits.ts'
import type { Issue } from '../schema/issues.ts'
import { isJsonObject, type JsonValue } from './json-value.ts'

// IoT Hub keeps integers in 52 bits (device twins guide, "Tags and properties format").
const largestInteger = 4_503_599_627_370_495
const forbiddenKeyCharacters = /[\p{Cc}.$# ]/u
const maxKeyLength = 1024

/**
 * The first rule of IoT Hub that a value breaks when it is to be a twin property (device twins guide, "Tags and properties
 * format"): characters of keys, length of strings, depth, range of integers, no null.
 *
 * @returns undefined when the hub will take it
 */
export function findTwinIssue(value: JsonValue): Issue | undefined {
  return find(value, [])
}

function find(value: JsonValue, path: readonly (string | number)[]): Issue | undefined {
  if (path.length > limits.twinDepth) return { path, message: `is deeper than ${limits.twinDepth} levels` }
  if (value === null) return { path, message: 'is null, which a twin cannot hold' }
  if (typeof value === 'string' && tooLong(value, limits.twinStringBytes)) {
    return { path, message: `is a string of more than ${limits.twinStringBytes} bytes` }
  }
  if (Number.isInteger(value) && Math.abs(Number(value)) > largestInteger) {
    return { path, message: 'is an integer beyond 52 bits' }
  }
  const members: Iterable<[string | number, JsonValue | undefined]> = Array.isArray(value)
    ? value.entries()
    : Object.entries(isJsonObject(value) ? value : {})
  for (const [key, member] of members) {
    if (typeof key === 'string' && (forbiddenKeyCharacters.test(key) || tooLong(key, maxKeyLength))) {
      return {
        path: [...path, key],
        message: "is a key with a blank, a control character, '.', '$' or '#', or too long",
      }
    }
    const issue = member === undefined ? undefined : find(member, [...path, key])
    if (issue !== undefined) return issue
  }
  return undefined
}

/** A character takes at most three bytes of UTF-8 for each of its UTF-16 units. */
function tooLong(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return false
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes > maxBytes
}
