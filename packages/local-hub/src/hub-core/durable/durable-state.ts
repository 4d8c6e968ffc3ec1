import type { JsonValue } from '../json/json.ts'
import type { AnnounceChange, DurableTable } from './durable-table.ts'

/** One entry of the state that outlives the hub. */
export interface DurableEntry {
  /** The part of the state, such as `twins`. */
  readonly table: string
  readonly key: string
  readonly value: JsonValue
}

/** A change of one entry; without a value it is deleted. */
export interface DurableChange extends Omit<DurableEntry, 'value'> {
  readonly value: JsonValue | undefined
}

/** Keeps changes where the hub finds them again. */
export interface DurableStore {
  /** Takes a change. Called in the order in which they happen. */
  append(change: DurableChange): void
  /** Resolves when every change so far is safe; rejects when one never will be. */
  settled(): Promise<void>
}

/**
 * The state that outlives the hub. Each room registers its part; whoever stores it sees all of it as entries, and every change.
 */
export class DurableState {
  readonly #tables = new Map<string, DurableTable>()
  #store: DurableStore | undefined

  /**
   * Adds a part of the state.
   *
   * @param name names it where it is stored: it must stay the same from version to version.
   * @returns what to call at every change.
   */
  register(name: string, table: DurableTable): AnnounceChange {
    this.#tables.set(name, table)
    return (key, value) => this.#store?.append({ table: name, key, value })
  }

  /** Everything, as it is now. */
  *entries(): Generator<DurableEntry> {
    for (const [table, part] of this.#tables) {
      for (const [key, value] of part.encoded()) yield { table, key, value }
    }
  }

  /**
   * Puts entries back, without telling the store.
   *
   * @throws TypeError when one is not what the hub wrote, naming it.
   */
  restore(entries: Iterable<DurableEntry>): void {
    for (const { table, key, value } of entries) {
      const part = this.#tables.get(table)
      if (part === undefined) throw new TypeError(`there is no part '${table}' in the state of a hub`)
      try {
        part.restore(key, value)
      } catch (error) {
        throw new TypeError(`${table} '${key}': ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        })
      }
    }
  }

  /** Tells the store every change from now on. */
  storeIn(store: DurableStore): void {
    this.#store = store
  }

  /** Resolves when every change so far is safe; at once when nothing is stored. */
  async settled(): Promise<void> {
    await this.#store?.settled()
  }
}
