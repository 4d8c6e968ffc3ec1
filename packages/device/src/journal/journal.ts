import type { FileSystem } from './file-system.ts'
import { JournalFile } from './journal-file.ts'
import { decodeJournal, encodeAppend, encodeJournal } from './journal-format.ts'
import { nodeFileSystem } from './node-file-system.ts'

const defaultCompactAboveBytes = 128 * 1024

/** An append-only list of JSON entries that survives crashes and power cuts. */
export interface Journal<TEntry> extends AsyncDisposable {
  /**
   * Appends an entry; resolves once it is durable. Appends that are made while others are being written share the
   * next write, and the order of the calls is the order in the journal.
   *
   * When the disk fails, this append and all that wait behind it reject, so that no entry is stored without those
   * before it. An entry whose append rejected is dropped by the next append that succeeds; until then a crash may
   * leave it in the journal.
   *
   * @throws PersistenceError when the disk fails; later appends recover by themselves once it works again
   * @throws TypeError when the entry would not survive JSON and `parse`, or when the journal is closed
   */
  append(entry: TEntry): Promise<void>
  /** Waits for the appends under way, then closes the file. */
  close(): Promise<void>
}

/** Options of {@link openJournal}. */
export interface OpenJournalOptions<TEntry> {
  /** Where the journal lives. Created when it is missing. One journal a directory, one writer at a time. */
  readonly directory: string
  /** @default the file system of this machine */
  readonly fileSystem?: FileSystem | undefined
  /** Turns JSON into an entry, undefined for one to pass over; throws on a shape that it does not know. */
  readonly parse: (value: unknown) => TEntry | undefined
  /**
   * The version of the format that brought an entry. The header of the file states the highest of them, and no more, so that
   * an older release refuses only what it does not know.
   *
   * @default all entries are of version 1
   */
  readonly versionOf?: ((entry: TEntry) => number) | undefined
  /** Leaves out, or merges, what is no longer needed. Pure. Runs at open and whenever the file is rewritten. */
  readonly compact: (entries: readonly TEntry[]) => readonly TEntry[]
  /**
   * The file is compacted when it would grow above this size, or above twice what is left after compaction.
   * It bounds memory too: the entries in the file are held in memory to rewrite it from.
   *
   * @default 131072
   */
  readonly compactAboveBytes?: number | undefined
}

/** What {@link openJournal} found. */
export interface OpenedJournal<TEntry> {
  readonly journal: Journal<TEntry>
  /** The entries in the journal, compacted. They are durable. */
  readonly entries: readonly TEntry[]
  /** Bytes of an unfinished append that were dropped; more than 0 only after a crash. */
  readonly tornBytes: number
}

/**
 * Opens a journal, or creates it. What a power cut left of an unfinished append is dropped, and the file is rewritten,
 * compacted, so that nothing is ever appended behind it. Until that rewrite the old file is left untouched.
 *
 * @throws PersistenceError when the directory or the file cannot be used; it names the path and the system's code
 * @throws CorruptJournalError when the file is damaged in a way that a power cut does not explain
 * @throws UnsupportedJournalVersionError when a newer release wrote the file
 * @example
 * ```ts
 * const { journal, entries } = await openJournal({ directory: '/var/lib/camera', parse, compact })
 * await journal.append({ kind: 'accepted', operationId })
 * ```
 */
export async function openJournal<TEntry>(options: OpenJournalOptions<TEntry>): Promise<OpenedJournal<TEntry>> {
  const file = new JournalFile(options.fileSystem ?? nodeFileSystem, options.directory)
  const bytes = await file.read()
  const found = bytes === undefined ? { entries: [], tornBytes: 0 } : decodeJournal(bytes, file.path, options.parse)
  const entries = options.compact(found.entries)
  await file.replace(encodeJournal(entries, lowestVersion(entries, options)))
  return { journal: new FileJournal(file, entries, options), entries, tornBytes: found.tornBytes }
}

function lowestVersion<TEntry>(entries: readonly TEntry[], { versionOf }: OpenJournalOptions<TEntry>): number {
  return versionOf === undefined ? 1 : entries.reduce((version, entry) => Math.max(version, versionOf(entry)), 1)
}

interface WaitingAppend<TEntry> {
  readonly json: string
  readonly entry: TEntry
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

class FileJournal<TEntry> implements Journal<TEntry> {
  readonly #file: JournalFile
  readonly #options: OpenJournalOptions<TEntry>
  #durable: TEntry[]
  /** What the header of the file states. */
  #version: number
  #compactAboveBytes: number
  #waiting: WaitingAppend<TEntry>[] = []
  #writing: Promise<void> | undefined
  #closed = false

  constructor(file: JournalFile, entries: readonly TEntry[], options: OpenJournalOptions<TEntry>) {
    this.#file = file
    this.#durable = [...entries]
    this.#version = lowestVersion(entries, options)
    this.#options = options
    this.#compactAboveBytes = this.#nextBound()
  }

  async append(entry: TEntry): Promise<void> {
    if (this.#closed) throw new TypeError('append: the journal is closed')
    const { json, copy } = this.#detach(entry)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ json, entry: copy, resolve, reject })
      this.#writing ??= this.#writeWaiting()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#writing
    await this.#file.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Copies an entry as the next open will read it: the caller may change its own, and a bad one is refused here. */
  #detach(entry: TEntry): { readonly json: string; readonly copy: TEntry } {
    try {
      const json = JSON.stringify(entry)
      const copy = this.#options.parse(JSON.parse(json))
      if (copy === undefined) throw new TypeError('expected an entry, got one that is passed over')
      return { json, copy }
    } catch (cause) {
      throw new TypeError('append: the entry cannot be read back from JSON', { cause })
    }
  }

  async #writeWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting
      this.#waiting = []
      try {
        await this.#write(batch)
        for (const append of batch) append.resolve()
      } catch (error) {
        const behind = this.#waiting
        this.#waiting = []
        for (const append of [...batch, ...behind]) append.reject(error)
      }
    }
    this.#writing = undefined
  }

  async #write(batch: readonly WaitingAppend<TEntry>[]): Promise<void> {
    const line = encodeAppend(batch.map(append => append.json))
    const entries = batch.map(append => append.entry)
    const outgrown = this.#file.size + line.length > this.#compactAboveBytes
    const outdated = lowestVersion(entries, this.#options) > this.#version
    if (!this.#file.appendable || outgrown || outdated) {
      const rewritten = await this.#rewrite(this.#options.compact([...this.#durable, ...entries]), outdated)
      if (rewritten) return
    }
    await this.#file.append(line)
    this.#durable.push(...entries)
  }

  /**
   * Replaces the file. False when that failed and the old file still serves, as when there is no room for two.
   *
   * @param outdated whether the header of the old file does not allow for the new entries: it cannot serve then
   */
  async #rewrite(entries: readonly TEntry[], outdated: boolean): Promise<boolean> {
    const version = lowestVersion(entries, this.#options)
    try {
      await this.#file.replace(encodeJournal(entries, version))
    } catch (error) {
      if (outdated || !this.#file.appendable) throw error
      this.#compactAboveBytes = this.#nextBound()
      return false
    }
    this.#durable = [...entries]
    this.#version = version
    this.#compactAboveBytes = this.#nextBound()
    return true
  }

  #nextBound(): number {
    return Math.max(this.#options.compactAboveBytes ?? defaultCompactAboveBytes, 2 * this.#file.size)
  }
}
