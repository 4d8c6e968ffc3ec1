import { isJsonObject, type JsonValue } from './json.ts'
import { WrittenNumber } from './written-number.ts'

/** Deeper JSON could be read, but not be written again. */
const maxDepth = 256

/** What a number that JavaScript writes in another way has in it: a point, an exponent, more than 15 digits, or a minus before 0. */
const maybeUnusual = /\d[.eE]|\d{16}|-0/

/** The strings and the numbers of a JSON text. */
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g

/**
 * Reads a JSON text. A number that JavaScript would write in another way becomes a {@link WrittenNumber}.
 *
 * @throws SyntaxError when it is not JSON, or nested deeper than 256 levels.
 */
export function parseJson(text: string): JsonValue {
  // Only a text that is JSON may be looked through for numbers.
  const plain: JsonValue = JSON.parse(text)
  // Each level takes two characters.
  if (text.length > 2 * maxDepth && isDeeperThan(maxDepth, plain)) {
    throw new SyntaxError(`JSON must not be nested deeper than ${maxDepth} levels`)
  }
  return hasUnusualNumber(text) ? keepNumbers(text, unusedMark(plain)) : plain
}

/** Reads a JSON text again, with a mark before the numbers that are to keep their texts. */
function keepNumbers(text: string, mark: string): JsonValue {
  const marked = text.replace(stringOrNumber, token => (isUnusualNumber(token) ? `"${mark}${token}"` : token))
  return JSON.parse(marked, (_key, value: JsonValue) =>
    typeof value === 'string' && value.startsWith(mark) ? new WrittenNumber(value.slice(mark.length)) : value,
  )
}

/** A mark that no text in a value begins with. */
function unusedMark(value: JsonValue): string {
  const used = new Set(numbersBeforeTexts(value))
  let number = 0
  while (used.has(String(number))) number += 1
  return `${number}:`
}

function numbersBeforeTexts(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return /^\d{1,9}(?=:)/.exec(value) ?? []
  return Array.isArray(value) || isJsonObject(value) ? Object.values(value).flatMap(numbersBeforeTexts) : []
}

function hasUnusualNumber(text: string): boolean {
  return maybeUnusual.test(text) && (text.match(stringOrNumber) ?? []).some(isUnusualNumber)
}

function isUnusualNumber(token: string): boolean {
  return !token.startsWith('"') && String(Number(token)) !== token
}

function isDeeperThan(levels: number, value: JsonValue): boolean {
  if (!Array.isArray(value) && !isJsonObject(value)) return false
  return levels === 0 || Object.values(value).some((member: JsonValue) => isDeeperThan(levels - 1, member))
}
