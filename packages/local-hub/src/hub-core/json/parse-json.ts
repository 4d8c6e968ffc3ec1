import { randomUUID } from 'node:crypto'
import { isJsonObject, type JsonValue } from './json.ts'
import { WrittenNumber } from './written-number.ts'

/** Deeper JSON could be read, but not be written again. */
const maxDepth = 256

/** The strings and the numbers of a JSON text. */
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g

/** Stands before the text of a number while JSON is read. Nobody can write it, because nobody knows it. */
const mark = `number ${randomUUID()} `

/**
 * Reads a JSON text. A number that JavaScript would write in another way becomes a {@link WrittenNumber}.
 *
 * @throws SyntaxError when it is not JSON, or nested deeper than 256 levels.
 */
export function parseJson(text: string): JsonValue {
  // Only a text that is JSON may be looked through for numbers.
  const plain: JsonValue = JSON.parse(text)
  if (isDeeperThan(maxDepth, plain)) throw new SyntaxError(`JSON must not be nested deeper than ${maxDepth} levels`)
  const marked = text.replace(stringOrNumber, token => (isUnusualNumber(token) ? `"${mark}${token}"` : token))
  return marked.length === text.length ? plain : JSON.parse(marked, unmark)
}

function isUnusualNumber(token: string): boolean {
  return !token.startsWith('"') && String(Number(token)) !== token
}

function unmark(_key: string, value: JsonValue): JsonValue {
  return typeof value === 'string' && value.startsWith(mark) ? new WrittenNumber(value.slice(mark.length)) : value
}

function isDeeperThan(levels: number, value: JsonValue): boolean {
  if (!Array.isArray(value) && !isJsonObject(value)) return false
  return levels === 0 || Object.values(value).some((member: JsonValue) => isDeeperThan(levels - 1, member))
}
