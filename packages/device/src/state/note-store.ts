import { isJsonObject, type JsonValue } from '@iothub-dm/protocol'
import type { Journal } from '../journal/journal.ts'

/** A thing that the device keeps in mind under a name; its newest entry is all that counts. */
export interface NoteEntry {
  readonly type: 'note'
  readonly name: string
  /** null: it need not be kept in mind any more. */
  readonly value: JsonValue
}

/** Tells a note from the other entries of the journal. */
export function isNoteEntry(value: unknown): value is NoteEntry {
  return isJsonObject(value) && value.type === 'note' && typeof value.name === 'string' && Object.hasOwn(value, 'value')
}

/** The newest entry of each name, unless it says that there is nothing to keep in mind. */
export function compactNoteEntries(entries: readonly NoteEntry[]): readonly NoteEntry[] {
  return [...new Map(entries.map(entry => [entry.name, entry])).values()].filter(({ value }) => value !== null)
}

/** Small things that the device keeps in mind across restarts: on disk, and the same in memory. A change shows once it is durable. */
export class NoteStore {
  readonly #journal: Pick<Journal<NoteEntry>, 'append'>
  readonly #notes: Map<string, JsonValue>

  /** @param entries what the journal holds */
  constructor(journal: Pick<Journal<NoteEntry>, 'append'>, entries: readonly NoteEntry[]) {
    this.#journal = journal
    this.#notes = new Map(compactNoteEntries(entries).map(({ name, value }) => [name, value]))
  }

  get(name: string): JsonValue | undefined {
    return this.#notes.get(name)
  }

  /**
   * Makes a note durable, then lets it show.
   *
   * @param value undefined: it need not be kept in mind any more
   * @throws PersistenceError when the disk fails; nothing has changed then
   */
  async record(name: string, value: JsonValue | undefined): Promise<void> {
    if (value === undefined && !this.#notes.has(name)) return
    await this.#journal.append({ type: 'note', name, value: value ?? null })
    if (value === undefined) this.#notes.delete(name)
    else this.#notes.set(name, value)
  }
}
