import { isJsonObject, type JsonValue } from './json-value.ts'

// The hub counts keys and strings by characters without control characters, a number as 8, a boolean as 4 (device twins guide,
// "Twin size").
export const numberSize = 8
export const booleanSize = 4

const controlCharacters = /\p{Cc}/gu

/** How much a value takes of a section of a twin, as the hub counts; nothing for undefined and null. */
export function twinValueSize(value: JsonValue | undefined): number {
  switch (typeof value) {
    case 'string':
      return value.replace(controlCharacters, '').length
    case 'number':
      return numberSize
    case 'boolean':
      return booleanSize
    default:
      if (Array.isArray(value)) return sum(value.map(twinValueSize))
      if (!isJsonObject(value)) return 0
      return sum(Object.entries(value).map(([key, member]) => key.length + twinValueSize(member)))
  }
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0)
}
