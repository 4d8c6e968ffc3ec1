import { isJsonObject } from './json.ts'
import { WrittenNumber } from './written-number.ts'

/** Writes a JSON value, each number as it was written. */
export function formatJson(value: unknown): string {
  return hasWrittenNumber(value) ? format(value) : JSON.stringify(value)
}

function hasWrittenNumber(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return value instanceof WrittenNumber || Object.values(value).some(hasWrittenNumber)
}

function format(value: unknown): string {
  if (value instanceof WrittenNumber) return value.text
  if (Array.isArray(value)) return `[${value.map(formatJson).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${formatJson(member)}`)
  return `{${members.join(',')}}`
}
