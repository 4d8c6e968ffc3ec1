import { createHash } from 'node:crypto'
import { isJsonObject, type JsonValue } from '@iothub-dm/protocol'

/** Tells whether two requests are the same, without keeping them: the order of members does not count. */
export function digestRequest(request: JsonValue): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(request)))
    .digest('base64url')
}

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(members.map(([key, member]) => [key, member === undefined ? member : sorted(member)]))
}
