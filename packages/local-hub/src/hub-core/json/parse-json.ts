import type { JsonValue } from './json.ts'

/** Deeper JSON could be read, but not be written again. */
const maxDepth = 256

/**
 * Reads a JSON text.
 *
 * @throws SyntaxError when it is not JSON, or nested deeper than 256 levels.
 */
export function parseJson(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text)
  if (isDeeperThan(maxDepth, value)) throw new SyntaxError(`JSON must not be nested deeper than ${maxDepth} levels`)
  return value
}

function isDeeperThan(levels: number, value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some(member => isDeeperThan(levels - 1, member))
}
