import type { DurableChange, DurableEntry, DurableStore } from '../hub-core/durable/durable-state.ts'
import type { Disk, DiskFile } from './disk.ts'
import { formatChanges, formatLine, logHeader } from './log-line.ts'
import { nodeDisk } from './node-disk.ts'
import { replaceFile } from './replace-file.ts'
import { StorageError } from './storage-error.ts'

/** A log that has grown by more than this, and to twice what the state needs, is written anew. */
const defaultMinGrowthInBytes = 4 * 1024 * 1024

/** How many changes go into one write at most. */
const maxChangesPerLine = 1000

/** What a log is made with. */
export interface StateLogOptions {
  readonly path: string
  /** The state, whenever it is asked for. */
  readonly entries: () => Iterable<DurableEntry>
  /** Default: that of this machine. */
  readonly disk?: Disk | undefined
  /** How much a log grows before it is written anew. Default: 4 MB. */
  readonly minGrowthInBytes?: number | undefined
}

interface WholeState {
  readonly file: DiskFile
  readonly sizeInBytes: number
}

/**
 * An append-only log of changes. What is appended while a write is under way goes out together with the next one; from time to
 * time the whole state takes the place of its history.
 */
export class StateLog implements DurableStore {
  readonly #path: string
  readonly #entries: () => Iterable<DurableEntry>
  readonly #disk: Disk
  readonly #minGrowthInBytes: number
  #file: DiskFile
  #waiting: DurableChange[] = []
  #writing: Promise<void> | undefined
  #failure: StorageError | undefined
  #stateInBytes = 0
  #growthInBytes = 0

  private constructor(options: StateLogOptions, { file, sizeInBytes }: WholeState) {
    this.#path = options.path
    this.#entries = options.entries
    this.#disk = options.disk ?? nodeDisk
    this.#minGrowthInBytes = options.minGrowthInBytes ?? defaultMinGrowthInBytes
    this.#file = file
    this.#stateInBytes = sizeInBytes
  }

  /** Begins a log that holds the state as it is now, in place of the one that is there. */
  static async begin(options: StateLogOptions): Promise<StateLog> {
    return new StateLog(options, await writeWhole(options))
  }

  append(change: DurableChange): void {
    this.#waiting.push(change)
    // Later in this turn more may come.
    this.#writing ??= Promise.resolve().then(() => this.#write())
  }

  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
    if (this.#failure !== undefined) throw this.#failure
  }

  async close(): Promise<void> {
    try {
      await this.settled()
    } finally {
      await this.#file.close()
    }
  }

  /** Never rejects: a failure is told to everyone who waits for a write, then and later. */
  async #write(): Promise<void> {
    try {
      while (this.#waiting.length > 0 && this.#failure === undefined) {
        if (this.#growthInBytes > this.#minGrowthInBytes && this.#growthInBytes > this.#stateInBytes)
          await this.#rewrite()
        else await this.#appendWaiting()
      }
    } catch (error) {
      // After a failed write nobody knows what is on the disk: nothing more is written to it.
      this.#failure = new StorageError('WriteFailed', `${this.#path} cannot be written`, { cause: error })
    } finally {
      this.#writing = undefined
    }
  }

  async #appendWaiting(): Promise<void> {
    const line = formatChanges(this.#waiting.splice(0, maxChangesPerLine))
    await this.#file.append(line)
    await this.#file.sync()
    this.#growthInBytes += Buffer.byteLength(line)
  }

  /** The state as it is now contains what waits. */
  async #rewrite(): Promise<void> {
    this.#waiting = []
    const { file, sizeInBytes } = await writeWhole({ path: this.#path, entries: this.#entries, disk: this.#disk })
    await this.#file.close()
    this.#file = file
    this.#stateInBytes = sizeInBytes
    this.#growthInBytes = 0
  }
}

/** Takes the state as it is at the moment of the call, and puts it in place of the log. */
async function writeWhole({ path, entries, disk = nodeDisk }: StateLogOptions): Promise<WholeState> {
  const lines = [formatLine(logHeader), ...linesOf([...entries()])]
  const sizeInBytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
  return { file: await replaceFile(disk, path, lines), sizeInBytes }
}

function* linesOf(entries: readonly DurableEntry[]): Generator<string> {
  for (let start = 0; start < entries.length; start += maxChangesPerLine) {
    yield formatChanges(entries.slice(start, start + maxChangesPerLine))
  }
}
