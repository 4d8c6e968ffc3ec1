import { crc32 } from 'node:zlib'
import type { DurableChange } from '../hub-core/durable/durable-state.ts'
import { formatJson } from '../hub-core/json/format-json.ts'
import type { JsonValue } from '../hub-core/json/json.ts'
import { parseJson } from '../hub-core/json/parse-json.ts'

/** The first line of a log: what it is, and in which form. */
export const logHeader = { format: 'iothub-local', version: 1 } as const

/** A line of the log: checksum, JSON, line feed. */
export function formatLine(content: JsonValue): string {
  const json = formatJson(content)
  return `${checksumOf(json)} ${json}\n`
}

/**
 * The line of changes that are written together. There is one line for a write, so that a write of which a power cut left only parts
 * is told from damage: it can be the last line only.
 */
export function formatChanges(changes: Iterable<DurableChange>): string {
  return formatLine(
    Array.from(changes, ({ table, key, value }) => (value === undefined ? [table, key] : [table, key, value])),
  )
}

/** The content of a line without its line feed; undefined when it is not whole. */
export function parseLine(line: string): JsonValue | undefined {
  const json = line.slice(9)
  if (line[8] !== ' ' || line.slice(0, 8) !== checksumOf(json)) return undefined
  try {
    return parseJson(json)
  } catch {
    return undefined
  }
}

/** The changes that {@link formatChanges} wrote; undefined when it is something else. */
export function changesOf(content: JsonValue): readonly DurableChange[] | undefined {
  if (!Array.isArray(content)) return undefined
  const changes = content.map(changeOf).filter(change => change !== undefined)
  return changes.length === content.length ? changes : undefined
}

function changeOf(content: JsonValue): DurableChange | undefined {
  if (!Array.isArray(content)) return undefined
  const [table, key, value]: readonly (JsonValue | undefined)[] = content
  return typeof table === 'string' && typeof key === 'string' ? { table, key, value } : undefined
}

function checksumOf(json: string): string {
  return crc32(json).toString(16).padStart(8, '0')
}
