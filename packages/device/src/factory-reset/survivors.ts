import { isJsonObject } from '@iothub-dm/protocol'
import { decodeJournal, encodeJournal } from '../journal/journal-format.ts'
import type { JournalEntry } from '../operation/journal-entry.ts'
import { parseDeviceEntry, versionOfEntry } from '../state/device-entry.ts'

/** What survives a factory reset. */
export interface Survivors {
  /** How many operations that lose data the device has begun in its life. */
  readonly epoch: number
  /** What the journal holds, or held, about the last of them; empty once the hub has confirmed its end. */
  readonly entries: readonly JournalEntry[]
}

/** Beside the entries of an operation, the document holds this one. */
interface EpochEntry {
  readonly type: 'epoch'
  readonly epoch: number
}

/** The version of the format that brought {@link EpochEntry}. */
const epochVersion = 2

/** Writes what survives, in the format of the journal: versioned, and with checksums. */
export function encodeSurvivors({ epoch, entries }: Survivors): Uint8Array {
  const version = Math.max(epochVersion, ...entries.map(versionOfEntry))
  return encodeJournal([{ type: 'epoch', epoch } satisfies EpochEntry, ...entries], version)
}

/**
 * Reads what has survived.
 *
 * @param bytes undefined: nothing was ever written
 * @throws CorruptJournalError, UnsupportedJournalVersionError as for the journal
 */
export function decodeSurvivors(bytes: Uint8Array | undefined): Survivors {
  if (bytes === undefined) return { epoch: 0, entries: [] }
  const { entries } = decodeJournal(bytes, 'what survived a factory reset', parse)
  const epochs = entries.flatMap(entry => (entry.type === 'epoch' ? [entry.epoch] : []))
  return { epoch: Math.max(0, ...epochs), entries: entries.flatMap(entry => (entry.type === 'epoch' ? [] : [entry])) }
}

/** The operation that has survived; undefined when there is none. */
export function survivingOperation({ entries }: Survivors): string | undefined {
  return entries[0]?.operationId
}

/** Whether the hub has confirmed the end of the operation, so that nobody waits for its answer any more. */
export function isAnswered({ entries }: Survivors): boolean {
  return entries.some(entry => entry.type === 'reported' || (entry.type === 'finished' && entry.reported))
}

/**
 * Puts the operation that has survived back into what is left of the journal. It was always written to its own place first, so
 * that what is there counts.
 */
export function restoreSurvivors<TEntry extends { readonly type: string }>(
  left: readonly (TEntry | JournalEntry)[],
  survivors: Survivors,
): readonly (TEntry | JournalEntry)[] {
  const operationId = survivingOperation(survivors)
  if (operationId === undefined) return left
  return [...left.filter(entry => !('operationId' in entry && entry.operationId === operationId)), ...survivors.entries]
}

function parse(value: unknown): JournalEntry | EpochEntry | undefined {
  if (!isJsonObject(value) || value.type !== 'epoch') return parseOperationEntry(value)
  if (typeof value.epoch !== 'number') throw new TypeError('expected an epoch')
  return { type: 'epoch', epoch: value.epoch }
}

function parseOperationEntry(value: unknown): JournalEntry | undefined {
  const entry = parseDeviceEntry(value)
  if (entry === undefined || 'operationId' in entry) return entry
  throw new TypeError('expected an entry of an operation')
}
