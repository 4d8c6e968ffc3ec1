import type { Inventory } from '@iothub-dm/protocol'
import { completeInventory, type InventorySource } from './inventory-source.ts'

/** What an {@link InventoryReader} works with. */
export interface InventoryReaderOptions {
  /** undefined: the device tells nothing of itself. */
  readonly source: InventorySource | undefined
  /** There is something new to report, perhaps. */
  readonly onChange: () => void
  readonly onError: (error: unknown) => void
}

/** Reads the inventory of a device, again at the start of every session. */
export class InventoryReader {
  readonly #options: InventoryReaderOptions
  #inventory: Inventory | undefined

  constructor(options: InventoryReaderOptions) {
    this.#options = options
    const { source } = options
    if (source !== undefined && typeof source !== 'function') this.#inventory = completeInventory(source)
  }

  /** undefined: nothing is to be reported, or nothing is known yet. */
  get inventory(): Inventory | undefined {
    return this.#inventory
  }

  /** Asks the app again, where it has given a function. What fails leaves what is known as it is. */
  read(): void {
    const { source, onError } = this.#options
    if (typeof source === 'function') this.#ask(source).catch(onError)
  }

  async #ask(source: Extract<InventorySource, () => unknown>): Promise<void> {
    this.#inventory = completeInventory(await source())
    this.#options.onChange()
  }
}
