import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { DurableEntry } from '../hub-core/durable/durable-state.ts'
import { HubCore } from '../hub-core/hub-core.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../hub-core/json/json.ts'
import { readStateFolder, StateFolder } from '../storage/state-folder.ts'
import { systemClock } from '../system-clock.ts'

const format = 'iothub-local'
const version = 1

/** Prints the state in a folder as JSON. */
export async function runExport(data: string): Promise<void> {
  process.stdout.write(`${JSON.stringify(toDocument(await readStateFolder(data)), null, 2)}\n`)
}

/**
 * Makes a folder hold the state in a file, and nothing else.
 *
 * @throws TypeError by the promise when the file does not hold the state of a hub; the folder stays as it was.
 */
export async function runImport(data: string, file: string): Promise<void> {
  const core = new HubCore({ hostNames: [], clock: systemClock, random: randomBytes })
  core.durable.restore(entriesOf(parse(file === '-' ? await text(process.stdin) : await readFile(file, 'utf8'))))
  const folder = await StateFolder.open(data)
  try {
    await folder.keep(core.durable)
  } finally {
    await folder.close()
  }
}

function toDocument(entries: readonly DurableEntry[]): JsonObject {
  const tables = new Map<string, Map<string, JsonValue>>()
  for (const { table, key, value } of entries) {
    const rows = tables.get(table) ?? new Map<string, JsonValue>()
    rows.set(key, value)
    tables.set(table, rows)
  }
  return {
    format,
    version,
    ...Object.fromEntries([...tables].map(([table, rows]) => [table, Object.fromEntries(rows)])),
  }
}

function* entriesOf(document: JsonValue): Generator<DurableEntry> {
  if (!isJsonObject(document) || document.format !== format || document.version !== version) {
    throw new TypeError(
      `expected what 'iothub-local export' printed: an object with format '${format}', version ${version}`,
    )
  }
  const { format: _format, version: _version, ...tables } = document
  for (const [table, rows] of Object.entries(tables)) {
    if (!isJsonObject(rows)) throw new TypeError(`${table}: expected an object`)
    for (const [key, value] of Object.entries(rows)) yield { table, key, value }
  }
}

function parse(json: string): JsonValue {
  try {
    return JSON.parse(json)
  } catch (error) {
    throw new TypeError('the file is not JSON', { cause: error })
  }
}
