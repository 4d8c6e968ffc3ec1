import { isTerminalState, type OperationEvent } from '@iothub-dm/protocol'
import type { Journal } from '../journal/journal.ts'
import { findForgettable, foldEntries, type Retention } from './compact-entries.ts'
import type { JournalEntry } from './journal-entry.ts'
import { applyEntry, applyEvent, type OperationLog } from './operation-log.ts'
import { shownOperation } from './shown-operation.ts'

/** Options of an {@link OperationStore}. */
export interface OperationStoreOptions {
  readonly retention: Retention
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** The phases of an action; none when the contract has it no longer. */
  readonly phasesOf: (action: string) => readonly string[]
}

/** The operations of this device: what is on disk, and the same in memory. A change shows once it is durable. */
export class OperationStore {
  readonly #journal: Pick<Journal<JournalEntry>, 'append'>
  readonly #logs: Map<string, OperationLog>
  readonly #options: OperationStoreOptions
  readonly #listeners = new Set<(log: OperationLog) => void>()
  #tail: Promise<unknown> = Promise.resolve()

  /** @param entries what the journal holds */
  constructor(
    journal: Pick<Journal<JournalEntry>, 'append'>,
    entries: readonly JournalEntry[],
    options: OperationStoreOptions,
  ) {
    this.#journal = journal
    this.#logs = new Map(foldEntries(entries, options.phasesOf))
    this.#options = options
  }

  get(operationId: string): OperationLog | undefined {
    return this.#logs.get(operationId)
  }

  /** Whether an operation is known and not over. */
  isUnderWay(operationId: string): boolean {
    const log = this.#logs.get(operationId)
    return log !== undefined && !isTerminalState(log.record.state)
  }

  /** The operations that are not over, in the order of acceptance. */
  unfinished(): readonly OperationLog[] {
    return [...this.#logs.values()].filter(log => !isTerminalState(log.record.state))
  }

  /** The operations of an action that are remembered, in the order of acceptance. */
  ofAction(action: string): readonly OperationLog[] {
    return [...this.#logs.values()].filter(log => log.action === action)
  }

  /** The newest operation of each action, by the action's name. */
  newest(): ReadonlyMap<string, OperationLog> {
    return new Map([...this.#logs.values()].map(log => [log.action, log]))
  }

  /** The operation of each action that is to be reported, by the action's name; see {@link shownOperation}. */
  shown(): ReadonlyMap<string, OperationLog> {
    const names = new Set([...this.#logs.values()].map(({ action }) => action))
    return new Map(
      [...names].flatMap(name => {
        const log = shownOperation(this.ofAction(name))
        return log === undefined ? [] : [[name, log] as const]
      }),
    )
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
      const after = applyEntry(before, entry, this.#options.phasesOf(action))
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
      const after = applyEvent(before, event, this.#options.phasesOf(before.action))
      if (after !== before) this.#show(after)
    })
  }

  /** Calls the listener after every change. */
  onChange(listener: (log: OperationLog) => void): void {
    this.#listeners.add(listener)
  }

  /** Waits for what is under way. */
  async settled(): Promise<void> {
    await this.#tail.catch(() => {})
  }

  #show(log: OperationLog): void {
    this.#logs.set(log.operationId, log)
    for (const listener of this.#listeners) listener(log)
  }

  /** The journal forgets when it is compacted; memory must not grow in the meantime. */
  #forget(): void {
    const { retention, now } = this.#options
    for (const log of findForgettable([...this.#logs.values()], retention, now())) this.#logs.delete(log.operationId)
  }

  #inOrder<TResult>(work: () => Promise<TResult>): Promise<TResult> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => {})
    return done
  }
}
