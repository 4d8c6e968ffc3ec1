import { limits } from '../operation/limits.ts'
import type { Issue } from '../schema/issues.ts'
import { isJsonObject, type JsonValue } from './json-value.ts'

/** At which level below the root of the reported properties a value stands. */
export const twinLevel = {
  /** `iothubDM.<action>.result` */
  result: 3,
  /** `<configuration>.value` */
  configuration: 2,
} as const

// IoT Hub keeps integers in 52 bits (device twins guide, "Tags and properties format").
const smallestInteger = -4_503_599_627_370_496
const largestInteger = 4_503_599_627_370_495
const forbiddenKeyCharacters = /[\p{Cc}.$# ]/u
const maxKeyBytes = 1024

/** Tells whether the hub takes a key: no control character, blank, `.`, `$` or `#`, and at most 1024 bytes. */
export function isTwinKey(key: string): boolean {
  return !forbiddenKeyCharacters.test(key) && !isLonger(key, maxKeyBytes)
}

/**
 * The first rule of IoT Hub that a value breaks when it is to be a twin property (device twins guide, "Tags and properties
 * format"): characters of keys, length of strings, depth, range of integers, no null.
 *
 * @param value the result of an operation, or another value
 * @param level at which level below the root of its section it stands, by default that of a result
 * @returns undefined when the hub will take it
 */
export function findTwinIssue(value: JsonValue, level: number = twinLevel.result): Issue | undefined {
  return find(value, [], level)
}

function find(value: JsonValue, path: readonly (string | number)[], level: number): Issue | undefined {
  if (value === null) return { path, message: 'is null, which a twin cannot hold' }
  if (typeof value === 'string' && isLonger(value, limits.twinStringBytes)) {
    return { path, message: `is a string of more than ${limits.twinStringBytes} bytes` }
  }
  if (typeof value === 'number' && Number.isInteger(value) && (value < smallestInteger || value > largestInteger)) {
    return { path, message: 'is an integer beyond 52 bits' }
  }
  if (typeof value === 'object' && level > limits.twinDepth) {
    return { path, message: `is nested too deeply: a twin holds ${limits.twinDepth} levels` }
  }
  const members: Iterable<[string | number, JsonValue | undefined]> = Array.isArray(value)
    ? value.entries()
    : Object.entries(isJsonObject(value) ? value : {})
  for (const [key, member] of members) {
    if (typeof key === 'string' && !isTwinKey(key)) {
      return {
        path: [...path, key],
        message: "is a key with a blank, a control character, '.', '$' or '#', or too long",
      }
    }
    const issue = member === undefined ? undefined : find(member, [...path, key], level + 1)
    if (issue !== undefined) return issue
  }
  return undefined
}

/** A character takes at most three bytes of UTF-8 for each of its UTF-16 units. */
function isLonger(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return false
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes > maxBytes
}
