import type { FileHandle } from 'node:fs/promises'
import type { DurableChange, DurableEntry, DurableStore } from '../hub-core/durable/durable-state.ts'
import { replaceFile } from './durable-file.ts'
import { formatChange, formatLine, logHeader } from './log-line.ts'
import { StorageError } from './storage-error.ts'

/** A log that has grown by more than this, and to twice what the state needs, is written anew. */
const minGrowthInBytes = 4 * 1024 * 1024

interface WholeState {
  readonly file: FileHandle
  readonly sizeInBytes: number
}

/**
 * An append-only log of changes. What is appended while a write is under way goes out together with the next one; from time to
 * time the whole state takes the place of its history.
 */
export class StateLog implements DurableStore {
  readonly #path: string
  readonly #entries: () => Iterable<DurableEntry>
  #file: FileHandle
  #waiting: string[] = []
  #writing: Promise<void> | undefined
  #failure: StorageError | undefined
  #stateInBytes = 0
  #growthInBytes = 0

  private constructor(path: string, entries: () => Iterable<DurableEntry>, { file, sizeInBytes }: WholeState) {
    this.#path = path
    this.#entries = entries
    this.#file = file
    this.#stateInBytes = sizeInBytes
  }

  /**
   * Begins a log that holds the state as it is now, in place of the one that is there.
   *
   * @param entries the state, whenever it is asked for.
   */
  static async begin(path: string, entries: () => Iterable<DurableEntry>): Promise<StateLog> {
    return new StateLog(path, entries, await writeWhole(path, entries()))
  }

  append(change: DurableChange): void {
    this.#waiting.push(formatChange(change))
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
        if (this.#growthInBytes > minGrowthInBytes && this.#growthInBytes > this.#stateInBytes) await this.#rewrite()
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
    const text = this.#take()
    await this.#file.appendFile(text)
    await this.#file.datasync()
    this.#growthInBytes += Buffer.byteLength(text)
  }

  /** The state as it is now contains what waits. */
  async #rewrite(): Promise<void> {
    this.#take()
    const { file, sizeInBytes } = await writeWhole(this.#path, this.#entries())
    await this.#file.close()
    this.#file = file
    this.#stateInBytes = sizeInBytes
    this.#growthInBytes = 0
  }

  #take(): string {
    const text = this.#waiting.join('')
    this.#waiting = []
    return text
  }
}

/** Takes the state as it is at the moment of the call, and puts it in place of the log. */
async function writeWhole(path: string, entries: Iterable<DurableEntry>): Promise<WholeState> {
  const lines = [formatLine(logHeader), ...Array.from(entries, formatChange)]
  const sizeInBytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0)
  return { file: await replaceFile(path, inChunks(lines)), sizeInBytes }
}

function* inChunks(lines: readonly string[]): Generator<string> {
  for (let start = 0; start < lines.length; start += 1000) yield lines.slice(start, start + 1000).join('')
}
