import { type ActionDefinition, isTerminalState, type OperationEvent } from '@iothub-dm/protocol'
import type { FileSystem } from '../journal/file-system.ts'
import { type Journal, openJournal } from '../journal/journal.ts'
import { compactEntries, findForgettable, foldEntries, type Retention, retentionDefaults } from './compact-entries.ts'
import { type JournalEntry, parseJournalEntry } from './journal-entry.ts'
import { applyEntry, applyEvent, type OperationLog } from './operation-log.ts'

/** Options of {@link OperationStore.open}. */
export interface OperationStoreOptions {
  readonly directory: string
  readonly fileSystem?: FileSystem | undefined
  readonly retention?: Retention | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The action of a name, for its phases; undefined when the contract has it no longer. */
  readonly actionOf: (name: string) => ActionDefinition | undefined
}

/** The operations of this device: what is on disk, and the same in memory. A change shows once it is durable. */
export class OperationStore implements AsyncDisposable {
  readonly #journal: Journal<JournalEntry>
  readonly #logs: Map<string, OperationLog>
  readonly #phasesOf: (action: string) => readonly string[]
  readonly #forgettable: (logs: readonly OperationLog[]) => readonly OperationLog[]
  readonly #listeners = new Set<(log: OperationLog) => void>()
  #tail: Promise<unknown> = Promise.resolve()

  private constructor(
    journal: Journal<JournalEntry>,
    logs: ReadonlyMap<string, OperationLog>,
    phasesOf: (action: string) => readonly string[],
    forgettable: (logs: readonly OperationLog[]) => readonly OperationLog[],
  ) {
    this.#journal = journal
    this.#logs = new Map(logs)
    this.#phasesOf = phasesOf
    this.#forgettable = forgettable
  }

  /**
   * Opens the journal in a directory and reads every operation from it.
   *
   * @throws PersistenceError, CorruptJournalError, UnsupportedJournalVersionError as `openJournal` does
   */
  static async open(options: OperationStoreOptions): Promise<OperationStore> {
    const phasesOf = (action: string) => options.actionOf(action)?.phases ?? []
    const retention = options.retention ?? retentionDefaults
    const { journal, entries } = await openJournal({
      directory: options.directory,
      fileSystem: options.fileSystem,
      parse: parseJournalEntry,
      compact: all => compactEntries(all, phasesOf, retention, options.now()),
    })
    return new OperationStore(journal, foldEntries(entries, phasesOf), phasesOf, logs =>
      findForgettable(logs, retention, options.now()),
    )
  }

  get(operationId: string): OperationLog | undefined {
    return this.#logs.get(operationId)
  }

  /** The operations that are not over, in the order of acceptance. */
  unfinished(): readonly OperationLog[] {
    return [...this.#logs.values()].filter(log => !isTerminalState(log.record.state))
  }

  /** The newest operation of each action, by the action's name. */
  newest(): ReadonlyMap<string, OperationLog> {
    return new Map([...this.#logs.values()].map(log => [log.action, log]))
  }

  /**
   * Makes an entry durable, then lets it show. Entries keep the order of the calls. One that changes nothing is not written.
   *
   * @returns what is known of the operation afterwards
   * @throws PersistenceError when the disk fails; nothing has changed then
   * @throws IllegalTransitionError when the entry does not fit the operation's state
   */
  record(entry: JournalEntry): Promise<OperationLog> {
    return this.#inOrder(async () => {
      const before = this.#logs.get(entry.operationId)
      const action = before?.action ?? ('action' in entry ? entry.action : '')
      const after = applyEntry(before, entry, this.#phasesOf(action))
      if (after !== before) {
        await this.#journal.append(entry)
        this.#show(after)
        if (before === undefined) this.#forget()
      }
      return after
    })
  }

  /** Lets an event show that is not worth a write: how far a phase is. Keeps its place behind the entries before it. */
  showProgress(operationId: string, event: Extract<OperationEvent, { type: 'progress' }>): Promise<void> {
    return this.#inOrder(async () => {
      const before = this.#logs.get(operationId)
      if (before?.record.state !== 'running') return
      const after = applyEvent(before, event, this.#phasesOf(before.action))
      if (after !== before) this.#show(after)
    })
  }

  /** Calls the listener after every change. */
  onChange(listener: (log: OperationLog) => void): void {
    this.#listeners.add(listener)
  }

  /** Waits for what is under way, then closes the journal. */
  async close(): Promise<void> {
    await this.#tail.catch(() => {})
    await this.#journal.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #show(log: OperationLog): void {
    this.#logs.set(log.operationId, log)
    for (const listener of this.#listeners) listener(log)
  }

  /** The journal forgets when it is compacted; memory must not grow in the meantime. */
  #forget(): void {
    for (const log of this.#forgettable([...this.#logs.values()])) this.#logs.delete(log.operationId)
  }

  #inOrder<TResult>(work: () => Promise<TResult>): Promise<TResult> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => {})
    return done
  }
}
