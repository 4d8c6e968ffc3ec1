import type { Journal } from '../journal/journal.ts'
import type { ConfigurationEntry, ConfigurationState } from './configuration-state.ts'

/** What is remembered of the configurations: on disk, and the same in memory. A change shows once it is durable. */
export class ConfigurationStore {
  readonly #journal: Pick<Journal<ConfigurationEntry>, 'append'>
  readonly #states: Map<string, ConfigurationState>

  /** @param entries what the journal holds */
  constructor(journal: Pick<Journal<ConfigurationEntry>, 'append'>, entries: readonly ConfigurationEntry[]) {
    this.#journal = journal
    this.#states = new Map(entries.map(({ configuration, state }) => [configuration, state]))
  }

  /** What is remembered of a configuration. */
  get(configuration: string): ConfigurationState {
    return this.#states.get(configuration) ?? {}
  }

  /**
   * Makes a state durable, then lets it show.
   *
   * @throws PersistenceError when the disk fails; nothing has changed then
   */
  async record(configuration: string, state: ConfigurationState): Promise<void> {
    await this.#journal.append({ type: 'configuration', configuration, state })
    this.#states.set(configuration, state)
  }
}
