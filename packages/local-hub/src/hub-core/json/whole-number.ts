import type { JsonValue } from './json.ts'
import { numberOf } from './written-number.ts'

/** The whole number, 0 or more, that a member says. Some clients send numbers as text (wire reference 0.3). */
export function wholeNumber(value: JsonValue | undefined): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : numberOf(value)
  return number !== undefined && Number.isSafeInteger(number) && number >= 0 ? number : undefined
}
