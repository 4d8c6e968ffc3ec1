import { HubError } from '../error/hub-error.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import { WrittenNumber } from '../json/written-number.ts'

/** The parts of a twin that have a size of their own. */
export type SectionName = 'tags' | 'desired' | 'reported'

/** The limits of wire reference 3.6. */
const sizeLimits: Readonly<Record<SectionName, number>> = {
  tags: 8 * 1024,
  desired: 32 * 1024,
  reported: 32 * 1024,
}

const numberSize = 8

/**
 * The size the hub counts: key length plus value length, where a number is 8, a boolean 4, and a string its characters
 * without control characters (wire reference 3.6).
 */
export function sectionSize(value: JsonValue): number {
  switch (typeof value) {
    case 'string':
      return textSize(value)
    case 'number':
      return numberSize
    case 'boolean':
      return 4
    default:
      if (value === null) return 0
      if (value instanceof WrittenNumber) return numberSize
      if (Array.isArray(value)) return value.reduce((sum: number, element: JsonValue) => sum + sectionSize(element), 0)
      return Object.entries(value).reduce((sum, [key, member]) => sum + textSize(key) + sectionSize(member), 0)
  }
}

/**
 * Checks the size of a whole section after a write.
 *
 * @throws HubError 413 `MessageTooLarge` for reported properties, 400 `ArgumentInvalid` for what REST writes.
 */
export function assertSectionSize(name: SectionName, section: JsonObject): void {
  const size = sectionSize(section)
  const limit = sizeLimits[name]
  if (size > limit) {
    throw new HubError(
      name === 'reported' ? 'MessageTooLarge' : 'ArgumentInvalid',
      `The size of ${name} is ${size}; the maximum is ${limit}.`,
      { form: 'nested' },
    )
  }
}

function textSize(text: string): number {
  return text.replace(/\p{Cc}/gu, '').length
}
