import { QueryError } from '../query-error.ts'

const plainEscapes: ReadonlySet<string | undefined> = new Set(["'", '"', '\\'])
const unicodeEscape = /u[0-9a-fA-F]{4}/y

/**
 * Reads a string in single or double quotes with the escapes `\'`, `\"`, `\\` and `\uXXXX` (wire reference 5.1).
 *
 * @param start where the opening quote is.
 * @throws QueryError when the string is not closed, or for another escape.
 */
export function readString(text: string, start: number): { readonly value: string; readonly end: number } {
  const quote = text[start]
  let value = ''
  for (let position = start + 1; position < text.length; position += 1) {
    const character = text[position]
    if (character === quote) return { value, end: position + 1 }
    if (character !== '\\') {
      value += character
      continue
    }
    const escaped = readEscape(text, position)
    value += escaped.value
    position += escaped.length
  }
  throw new QueryError('a string is not closed', start)
}

/** What an escape stands for, and how many characters follow its backslash. */
function readEscape(text: string, backslash: number): { readonly value: string; readonly length: number } {
  const character = text[backslash + 1]
  if (character !== undefined && plainEscapes.has(character)) return { value: character, length: 1 }
  unicodeEscape.lastIndex = backslash + 1
  const unicode = unicodeEscape.exec(text)?.[0]
  if (unicode === undefined) {
    throw new QueryError(`expected one of the escapes \\' \\" \\\\ \\uXXXX`, backslash)
  }
  return { value: String.fromCharCode(Number.parseInt(unicode.slice(1), 16)), length: unicode.length }
}
