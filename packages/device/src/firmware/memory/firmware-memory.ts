import { openJournal } from '../../journal/journal.ts'
import { JournalFile } from '../../journal/journal-file.ts'
import { decodeJournal } from '../../journal/journal-format.ts'
import { nodeFileSystem } from '../../journal/node-file-system.ts'
import { type FirmwareEntry, parseFirmwareEntry } from './firmware-entry.ts'
import { compactFirmwareEntries, type FirmwareHistory, foldFirmwareEntries } from './firmware-history.ts'

/**
 * What a device remembers about firmware beyond any operation, in a journal of its own. Reading it writes nothing: requests that
 * are refused must not wear the flash.
 */
export class FirmwareMemory {
  readonly #directory: string
  #entries: readonly FirmwareEntry[]

  private constructor(directory: string, entries: readonly FirmwareEntry[]) {
    this.#directory = directory
    this.#entries = entries
  }

  /** @throws PersistenceError, CorruptJournalError, UnsupportedJournalVersionError as `openJournal` does */
  static async read(directory: string): Promise<FirmwareMemory> {
    const file = new JournalFile(nodeFileSystem, directory)
    const bytes = await file.read()
    const entries = bytes === undefined ? [] : decodeJournal(bytes, file.path, parseFirmwareEntry).entries
    return new FirmwareMemory(directory, entries)
  }

  get history(): FirmwareHistory {
    return foldFirmwareEntries(this.#entries)
  }

  /** Resolves once the entries are on disk, in their order. Opened for that alone: the program may end at any moment. */
  async add(...added: readonly FirmwareEntry[]): Promise<void> {
    const { journal, entries } = await openJournal({
      directory: this.#directory,
      parse: parseFirmwareEntry,
      compact: compactFirmwareEntries,
    })
    try {
      await Promise.all(added.map(entry => journal.append(entry)))
    } finally {
      await journal.close()
    }
    this.#entries = [...entries, ...added]
  }
}
