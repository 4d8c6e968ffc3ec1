import { isJsonObject } from '@iothub-dm/protocol'
import { type ConfigurationEntry, isConfigurationEntry } from '../configuration/configuration-state.ts'
import { type JournalEntry, parseJournalEntry } from '../operation/journal-entry.ts'
import { isNoteEntry, type NoteEntry } from './note-store.ts'

/** An entry of the journal. */
export type DeviceEntry = JournalEntry | ConfigurationEntry | NoteEntry

/**
 * Takes JSON from the journal as an entry, also as an older release has written it.
 *
 * @returns undefined for an entry of a newer release that says itself that it may be passed over
 * @throws TypeError when it is not an entry
 */
export function parseDeviceEntry(value: unknown): DeviceEntry | undefined {
  if (isConfigurationEntry(value) || isNoteEntry(value)) return value
  // A type of this release that others may pass over must be recognised above.
  if (isJsonObject(value) && value.skippable === true) return undefined
  return parseJournalEntry(withRestartName(value))
}

/** The types of entries that version 1 of the format, of release 0.1.0, reads. It knew restarts in another form. */
const typesOfVersion1: ReadonlySet<string> = new Set<DeviceEntry['type']>([
  'accepted',
  'event',
  'stepBegun',
  'stepDone',
  'cancelRequested',
  'reported',
  'finished',
])

/**
 * The version of the journal's format that brought an entry, see JOURNAL.md. An older release then refuses the file for what it is,
 * a newer one, and not as damaged.
 */
export function versionOfEntry(entry: DeviceEntry): number {
  return typesOfVersion1.has(entry.type) ? 1 : 2
}

/** Version 1 told restarts apart by their order, from 0; since then they have names, the first one `restart` by default. */
function withRestartName(value: unknown): unknown {
  if (!isJsonObject(value) || value.type !== 'restart' || typeof value.index !== 'number') return value
  const { index, ...entry } = value
  return { ...entry, name: index === 0 ? 'restart' : `restart ${index + 1}` }
}
