/** A value that a twin query can compare with. */
export type QueryValue = string | number | boolean

/**
 * Writes a value as a constant of the query language (IoT Hub query language). Nothing in a text can end the constant: that is
 * held by a property test against a parser.
 *
 * @throws TypeError for what is no text, finite number or boolean
 */
export function literal(value: QueryValue): string {
  if (typeof value === 'string') return `'${value.replaceAll(special, escaped)}'`
  if (typeof value === 'boolean') return String(value)
  if (Number.isFinite(value)) return plainNumber(value)
  throw new TypeError(`a query compares with texts, finite numbers and booleans, not with ${String(value)}`)
}

// Quotes, backslashes, and what is no visible ASCII: the language knows \uXXXX for the rest.
const special = /['"\\]|[^\x20-\x7e]/g

function escaped(character: string): string {
  if (character === "'" || character === '"' || character === '\\') return `\\${character}`
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** The language has no exponents. */
function plainNumber(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return value.toLocaleString('en-US', { useGrouping: false, maximumSignificantDigits: 21 })
}
