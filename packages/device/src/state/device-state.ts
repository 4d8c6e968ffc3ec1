import type { ActionDefinition } from '@iothub-dm/protocol'
import { type ConfigurationEntry, compactConfigurationEntries } from '../configuration/configuration-state.ts'
import { ConfigurationStore } from '../configuration/configuration-store.ts'
import type { SurvivingJournal } from '../factory-reset/surviving-journal.ts'
import { restoreSurvivors } from '../factory-reset/survivors.ts'
import type { FileSystem } from '../journal/file-system.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import { compactEntries, type Retention, retentionDefaults } from '../operation/compact-entries.ts'
import type { JournalEntry } from '../operation/journal-entry.ts'
import { OperationStore } from '../operation/operation-store.ts'
import { type DeviceEntry, parseDeviceEntry, versionOfEntry } from './device-entry.ts'
import { compactNoteEntries, type NoteEntry, NoteStore } from './note-store.ts'

/** Options of {@link DeviceState.open}. */
export interface DeviceStateOptions {
  readonly directory: string
  readonly fileSystem?: FileSystem | undefined
  readonly retention?: Retention | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The action of a name, for its phases; undefined when the contract has it no longer. */
  readonly actionOf: (name: string) => ActionDefinition | undefined
  /** What has survived a factory reset, and what is to survive the next one. Default: nothing does. */
  readonly surviving?: SurvivingJournal | undefined
}

/** All that the device remembers, in one journal: its operations, its configurations, and notes. */
export class DeviceState implements AsyncDisposable {
  readonly operations: OperationStore
  readonly configurations: ConfigurationStore
  readonly notes: NoteStore
  readonly #journal: Journal<DeviceEntry>
  readonly #surviving: SurvivingJournal | undefined

  private constructor(
    journal: Journal<DeviceEntry>,
    stores: Pick<DeviceState, 'operations' | 'configurations' | 'notes'>,
    surviving: SurvivingJournal | undefined,
  ) {
    this.#surviving = surviving
    this.operations = stores.operations
    this.configurations = stores.configurations
    this.notes = stores.notes
    this.#journal = journal
  }

  /**
   * Opens the journal in a directory and reads everything from it.
   *
   * @throws PersistenceError, CorruptJournalError, UnsupportedJournalVersionError as `openJournal` does
   */
  static async open(options: DeviceStateOptions): Promise<DeviceState> {
    const phasesOf = (action: string) => options.actionOf(action)?.phases ?? []
    const { directory, fileSystem, now, retention = retentionDefaults, surviving } = options
    let survivors = surviving?.survivors
    const { journal, entries } = await openJournal({
      directory,
      fileSystem,
      parse: parseDeviceEntry,
      versionOf: versionOfEntry,
      compact: all => {
        // The first time is at open: then the journal may have been wiped.
        const { operations, configurations, notes } = divide(survivors ? restoreSurvivors(all, survivors) : all)
        survivors = undefined
        return [
          ...compactNoteEntries(notes),
          ...compactConfigurationEntries(configurations),
          ...compactEntries(operations, phasesOf, retention, now()),
        ]
      },
    })
    const { operations, configurations, notes } = divide(entries)
    await surviving?.attach(journal)
    return new DeviceState(
      journal,
      {
        operations: new OperationStore(surviving ?? journal, operations, { phasesOf, retention, now }),
        configurations: new ConfigurationStore(journal, configurations),
        notes: new NoteStore(journal, notes),
      },
      surviving,
    )
  }

  /** How many operations that lose data the device has begun in its life. */
  get identityEpoch(): number {
    return this.#surviving?.survivors.epoch ?? 0
  }

  /** Waits for what is under way, then closes the journal. */
  async close(): Promise<void> {
    await this.operations.settled()
    await this.#journal.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function divide(entries: readonly DeviceEntry[]): {
  readonly operations: readonly JournalEntry[]
  readonly configurations: readonly ConfigurationEntry[]
  readonly notes: readonly NoteEntry[]
} {
  const operations: JournalEntry[] = []
  const configurations: ConfigurationEntry[] = []
  const notes: NoteEntry[] = []
  for (const entry of entries) {
    if (entry.type === 'configuration') configurations.push(entry)
    else if (entry.type === 'note') notes.push(entry)
    else operations.push(entry)
  }
  return { operations, configurations, notes }
}
