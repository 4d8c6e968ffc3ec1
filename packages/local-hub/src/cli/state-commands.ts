import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { DurableEntry } from '../hub-core/durable/durable-state.ts'
import { HubCore } from '../hub-core/hub-core.ts'
import { formatJson } from '../hub-core/json/format-json.ts'
import { isJsonObject, type JsonValue } from '../hub-core/json/json.ts'
import { parseJson } from '../hub-core/json/parse-json.ts'
import { readStateFolder, StateFolder } from '../storage/state-folder.ts'
import { systemClock } from '../system-clock.ts'

const format = 'iothub-local'
const version = 1

/** Prints the state in a folder as JSON. */
export async function runExport(data: string): Promise<void> {
  process.stdout.write(toDocument(await readStateFolder(data)))
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

/** A line for each entry, so that two states can be compared line by line. */
function toDocument(entries: readonly DurableEntry[]): string {
  const tables = new Map<string, string[]>()
  for (const { table, key, value } of entries) {
    const rows = tables.get(table) ?? []
    rows.push(`    ${JSON.stringify(key)}: ${formatJson(value)}`)
    tables.set(table, rows)
  }
  const parts = [...tables].map(([table, rows]) => `  ${JSON.stringify(table)}: {\n${rows.join(',\n')}\n  }`)
  return `{\n${[`  "format": "${format}"`, `  "version": ${version}`, ...parts].join(',\n')}\n}\n`
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
    return parseJson(json)
  } catch (error) {
    throw new TypeError('the file is not JSON', { cause: error })
  }
}
