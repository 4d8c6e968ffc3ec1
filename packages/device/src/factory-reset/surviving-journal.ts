import type { Journal } from '../journal/journal.ts'
import type { JournalEntry } from '../operation/journal-entry.ts'
import type { SurvivalStore } from './survival-store.ts'
import { decodeSurvivors, encodeSurvivors, isAnswered, type Survivors, survivingOperation } from './survivors.ts'

/** What a {@link SurvivingJournal} works with. */
export interface SurvivingJournalOptions {
  readonly store: SurvivalStore
  /** Whether the operations of an action lose data, so that they have to survive it. */
  readonly losesData: (action: string) => boolean
  readonly onError: (error: unknown) => void
}

type EntryJournal = Pick<Journal<JournalEntry>, 'append'>

/**
 * The journal of operations, of which the entries of the last operation that loses data are written to a place outside first. When
 * the wipe takes the journal with it, they are put back at the next start, and the handler reads on as after any other restart.
 */
export class SurvivingJournal implements EntryJournal {
  readonly #options: SurvivingJournalOptions
  #survivors: Survivors
  #journal: EntryJournal | undefined
  /** The journal lacks an entry that survives; only the next start puts it there. */
  #behind = false

  private constructor(options: SurvivingJournalOptions, survivors: Survivors) {
    this.#options = options
    this.#survivors = survivors
  }

  /**
   * Reads what has survived. When that cannot be read, the device goes on without: it must not stay away for good because of it.
   *
   * @throws PersistenceError when the store fails
   */
  static async open(options: SurvivingJournalOptions): Promise<SurvivingJournal> {
    const bytes = await options.store.read()
    try {
      return new SurvivingJournal(options, decodeSurvivors(bytes))
    } catch (error) {
      options.onError(error)
      return new SurvivingJournal(options, decodeSurvivors(undefined))
    }
  }

  /** What has survived. */
  get survivors(): Survivors {
    return this.#survivors
  }

  /** Goes on with a journal, in which what has survived is durable now. */
  async attach(journal: EntryJournal): Promise<void> {
    this.#journal = journal
    if (isAnswered(this.#survivors)) await this.#release()
  }

  /** As {@link Journal.append}. */
  async append(entry: JournalEntry): Promise<void> {
    const journal = this.#journal
    if (journal === undefined) throw new TypeError('the journal is not open yet')
    const before = this.#survivors
    const after = this.#withEntry(entry)
    if (after === undefined) return journal.append(entry)
    await this.#write(after)
    try {
      await journal.append(entry)
    } catch (error) {
      if (entry.type === 'accepted') {
        // It is refused then, and must not come up again.
        await this.#write(before).catch(this.#options.onError)
        throw error
      }
      // Durable it is. The wipe may have taken the state directory with it already.
      this.#behind = true
      this.#options.onError(error)
    }
    if (isAnswered(after) && !this.#behind) await this.#release()
  }

  #withEntry(entry: JournalEntry): Survivors | undefined {
    const { epoch, entries } = this.#survivors
    if (entry.type === 'accepted' && this.#options.losesData(entry.action))
      return { epoch: epoch + 1, entries: [entry] }
    if (entry.operationId !== survivingOperation(this.#survivors)) return undefined
    return { epoch, entries: [...entries, entry] }
  }

  /** Only the epoch is kept for good. When that fails, the next start does it. */
  async #release(): Promise<void> {
    await this.#write({ epoch: this.#survivors.epoch, entries: [] }).catch(this.#options.onError)
  }

  async #write(survivors: Survivors): Promise<void> {
    await this.#options.store.write(encodeSurvivors(survivors))
    this.#survivors = survivors
  }
}
