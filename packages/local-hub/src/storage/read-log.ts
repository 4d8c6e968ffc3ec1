import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { DurableEntry } from '../hub-core/durable/durable-state.ts'
import { isJsonObject, type JsonValue } from '../hub-core/json/json.ts'
import { changesOf, logHeader, parseLine } from './log-line.ts'
import { StorageError } from './storage-error.ts'

/**
 * Reads the state that a log tells: the last word on every entry. A last line that is not whole was never acknowledged, and is
 * ignored; a file that does not exist is an empty state.
 *
 * @throws StorageError `CorruptState` when a line before the last is damaged, `UnknownVersion` when another version wrote it.
 */
export async function readLog(path: string): Promise<readonly DurableEntry[]> {
  const entries = new Map<string, DurableEntry>()
  let damagedLine: number | undefined
  let lineNumber = 0
  for await (const line of linesOf(path)) {
    lineNumber += 1
    if (damagedLine !== undefined) throw damaged(path, damagedLine)
    const content = parseLine(line)
    if (content === undefined) damagedLine = lineNumber
    else if (lineNumber === 1) assertHeader(path, content)
    else apply(entries, content, () => damaged(path, lineNumber))
  }
  return [...entries.values()]
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const stream = createReadStream(path, 'utf8')
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  } finally {
    stream.destroy()
  }
}

function apply(entries: Map<string, DurableEntry>, content: JsonValue, damage: () => StorageError): void {
  const changes = changesOf(content)
  if (changes === undefined) throw damage()
  for (const { table, key, value } of changes) {
    const id = JSON.stringify([table, key])
    if (value === undefined) entries.delete(id)
    else entries.set(id, { table, key, value })
  }
}

function assertHeader(path: string, content: JsonValue): void {
  if (isJsonObject(content) && content.format === logHeader.format && content.version === logHeader.version) return
  throw new StorageError(
    'UnknownVersion',
    `${path} was written by another version; this one reads version ${logHeader.version}`,
  )
}

function damaged(path: string, lineNumber: number): StorageError {
  return new StorageError('CorruptState', `${path}, line ${lineNumber}: the line is damaged`)
}
