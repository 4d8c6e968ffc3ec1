import { isJsonObject } from '@iothub-dm/protocol'
import { CorruptJournalError, UnsupportedJournalVersionError } from './errors.ts'
import { decodeLines, encodeLine } from './line-codec.ts'

const formatName = 'iothub-dm-journal'

/** The newest version of the format that this release writes and reads. See JOURNAL.md for what each has brought. */
export const newestJournalVersion = 2

/** What a journal file holds. */
export interface JournalContent<TEntry> {
  readonly entries: readonly TEntry[]
  /** Length of the torn tail that was left out; 0 when there was none. */
  readonly tornBytes: number
}

/**
 * Encodes what one append adds to the file. All entries of one append share one line and so one checksum: the only
 * bytes that are not yet durable are then one line at the end, and whatever a power cut leaves of it, even its second
 * half without its first, can be told from damage to older lines.
 *
 * @param jsonTexts the entries, each as JSON text
 */
export function encodeAppend(jsonTexts: readonly string[]): Buffer {
  return encodeLine(`[${jsonTexts.join(',')}]`)
}

/**
 * Encodes a whole journal file: the header, then the entries, one a line.
 *
 * @param version the lowest version of the format that knows all of the entries
 */
export function encodeJournal(entries: readonly unknown[], version: number): Buffer {
  const header = encodeLine(JSON.stringify({ format: formatName, version }))
  return Buffer.concat([header, ...entries.map(entry => encodeAppend([JSON.stringify(entry)]))])
}

/**
 * Decodes a journal file.
 *
 * @param bytes the file
 * @param path names the file in errors
 * @param parse turns JSON into an entry, undefined for one to pass over; throws on a shape that it does not know
 * @throws CorruptJournalError when the file holds anything but a journal with, perhaps, a torn tail
 * @throws UnsupportedJournalVersionError when a newer release wrote it
 */
export function decodeJournal<TEntry>(
  bytes: Uint8Array,
  path: string,
  parse: (value: unknown) => TEntry | undefined,
): JournalContent<TEntry> {
  // the header comes first on its own: a newer version may encode the rest in another way
  checkHeader(bytes.subarray(0, bytes.indexOf(0x0a) + 1), path)
  const lines = decodeLines(bytes)
  if (lines.kind === 'corrupt') {
    throw new CorruptJournalError(path, lines.lineNumber, 'its checksum does not match, and good lines follow')
  }
  const entries = lines.values.slice(1).flatMap((line, index) => parseLine(line, index + 2, path, parse))
  return { entries, tornBytes: lines.kind === 'torn' ? lines.tornBytes : 0 }
}

function checkHeader(line: Uint8Array, path: string): void {
  const decoded = decodeLines(line)
  const header = decoded.kind === 'whole' ? decoded.values[0] : undefined
  if (!isJsonObject(header) || header.format !== formatName || !isVersion(header.version)) {
    // a journal is renamed into place with its header durable, so a power cut cannot have torn it
    throw new CorruptJournalError(path, 1, 'it is not the header of a journal')
  }
  if (header.version > newestJournalVersion) {
    throw new UnsupportedJournalVersionError(path, header.version, newestJournalVersion)
  }
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1
}

function parseLine<TEntry>(
  line: unknown,
  lineNumber: number,
  path: string,
  parse: (value: unknown) => TEntry | undefined,
): readonly TEntry[] {
  if (!Array.isArray(line)) throw new CorruptJournalError(path, lineNumber, 'it is not a list of entries')
  try {
    return line.map(value => parse(value)).filter(entry => entry !== undefined)
  } catch (cause) {
    throw new CorruptJournalError(path, lineNumber, 'it holds an entry of an unknown shape', { cause })
  }
}
