import { type Journal, openJournal } from '../../journal/journal.ts'
import { type FirmwareEntry, parseFirmwareEntry } from './firmware-entry.ts'
import { compactFirmwareEntries, type FirmwareHistory, foldFirmwareEntries } from './firmware-history.ts'

/**
 * What a device remembers about firmware beyond any operation, in a journal of its own. Opened for each use and closed again: one
 * operation is under way at a time, and the program may end at any moment.
 */
export class FirmwareMemory implements AsyncDisposable {
  readonly #journal: Journal<FirmwareEntry>
  #entries: readonly FirmwareEntry[]

  private constructor(journal: Journal<FirmwareEntry>, entries: readonly FirmwareEntry[]) {
    this.#journal = journal
    this.#entries = entries
  }

  /** @throws PersistenceError, CorruptJournalError, UnsupportedJournalVersionError as `openJournal` does */
  static async open(directory: string): Promise<FirmwareMemory> {
    const { journal, entries } = await openJournal({
      directory,
      parse: parseFirmwareEntry,
      compact: compactFirmwareEntries,
    })
    return new FirmwareMemory(journal, entries)
  }

  get history(): FirmwareHistory {
    return foldFirmwareEntries(this.#entries)
  }

  /** Resolves once the entries are on disk. */
  async add(...entries: readonly FirmwareEntry[]): Promise<void> {
    await Promise.all(entries.map(entry => this.#journal.append(entry)))
    this.#entries = [...this.#entries, ...entries]
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
