import { rename, writeFile } from 'node:fs/promises'
import { isJsonObject } from '@iothub-dm/protocol'
import type { ContentValidator } from './content-validator.ts'
import { openRegularFile } from './private-file.ts'

/** How much of a partial image can be relied on. It holds no URL. */
export interface PartialMark {
  /** Of the whole image. */
  readonly sha256: string
  /** Bytes that were durable. */
  readonly length: number
  /** Of those bytes. */
  readonly prefixSha256: string
  readonly validator: ContentValidator
  /** Bytes of the whole image, as the server said. */
  readonly total: number | undefined
}

const longestMark = 4096

/** Writes a mark in the place of the one before; a power cut leaves the one or the other. */
export async function writeMark(path: string, mark: PartialMark): Promise<void> {
  const temporary = `${path}.new`
  await writeFile(temporary, JSON.stringify(mark), { mode: 0o600, flush: true })
  await rename(temporary, path)
}

/** Reads a mark; undefined when there is none, or a damaged one: it saves a download, nothing more. */
export async function readMark(path: string): Promise<PartialMark | undefined> {
  const handle = await openRegularFile(path)
  if (handle === undefined) return undefined
  try {
    if ((await handle.stat()).size > longestMark) return undefined
    return parseMark(JSON.parse(await handle.readFile('utf8')))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  } finally {
    await handle.close()
  }
}

function parseMark(value: unknown): PartialMark | undefined {
  if (!isJsonObject(value)) return undefined
  const { sha256, length, prefixSha256, validator, total } = value
  if (typeof sha256 !== 'string' || typeof prefixSha256 !== 'string' || typeof validator !== 'string') return undefined
  if (!isByteCount(length) || (total !== undefined && !isByteCount(total))) return undefined
  return { sha256, length, prefixSha256, validator, total }
}

function isByteCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}
