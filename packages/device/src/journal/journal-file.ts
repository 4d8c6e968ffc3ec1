import { join } from 'node:path'
import { PersistenceError } from './errors.ts'
import type { FileSystem, WritableFile } from './file-system.ts'

/**
 * The file under a journal: bytes that are durable when a call resolves, and a descriptor that is dropped for good as
 * soon as a write or a sync on it fails. (After a failed fsync, Linux may call the lost pages clean, and the next
 * fsync succeeds without them.)
 */
export class JournalFile {
  readonly path: string
  readonly #fileSystem: FileSystem
  readonly #directory: string
  #writer: WritableFile | undefined
  #size = 0

  constructor(fileSystem: FileSystem, directory: string) {
    this.#fileSystem = fileSystem
    this.#directory = directory
    this.path = join(directory, 'journal')
  }

  /** Whether the file can be appended to. When it cannot, {@link replace} it first. */
  get appendable(): boolean {
    return this.#writer !== undefined
  }

  /** Length in bytes. */
  get size(): number {
    return this.#size
  }

  /** Creates the directory where it is missing and reads the file; undefined when there is none yet. */
  async read(): Promise<Uint8Array | undefined> {
    await attempt('create the state directory', this.#directory, () =>
      this.#fileSystem.createDirectory(this.#directory),
    )
    return attempt('read', this.path, () => this.#fileSystem.readFile(this.path))
  }

  /** Appends bytes durably. After a failure the file is no longer {@link appendable}. */
  async append(bytes: Uint8Array): Promise<void> {
    const writer = this.#writer
    if (writer === undefined) throw new TypeError('the journal file must be replaced before it can be appended to')
    this.#writer = undefined
    await writeDurably(writer, bytes, this.path)
    this.#writer = writer
    this.#size += bytes.length
  }

  /**
   * Puts a fresh file with these bytes in the place of the old one, durably. A failure before the new file is whole
   * leaves the old one in place and appendable; a failure after that leaves one of the two.
   */
  async replace(bytes: Uint8Array): Promise<void> {
    const temporaryPath = `${this.path}.tmp`
    const removeTemporary = (): Promise<void> => this.#fileSystem.unlink(temporaryPath)
    await attempt('remove', temporaryPath, removeTemporary)
    const fresh = await attempt('create', temporaryPath, () => this.#fileSystem.createFile(temporaryPath))
    try {
      await writeDurably(fresh, bytes, temporaryPath)
    } catch (error) {
      // a full disk needs the space back
      await removeTemporary().catch(() => {})
      throw error
    }
    // from here until the directory is durable, nobody knows which file the name leads to after a power cut
    await this.close()
    try {
      await attempt('rename a file to', this.path, () => this.#fileSystem.rename(temporaryPath, this.path))
      await attempt('sync', this.#directory, () => this.#fileSystem.syncDirectory(this.#directory))
    } catch (error) {
      await closeQuietly(fresh)
      throw error
    }
    this.#writer = fresh
    this.#size = bytes.length
  }

  async close(): Promise<void> {
    const writer = this.#writer
    this.#writer = undefined
    if (writer !== undefined) await closeQuietly(writer)
  }
}

async function writeDurably(writer: WritableFile, bytes: Uint8Array, path: string): Promise<void> {
  try {
    await attempt('write', path, () => writer.write(bytes))
    await attempt('sync', path, () => writer.sync())
  } catch (error) {
    await closeQuietly(writer)
    throw error
  }
}

async function attempt<TResult>(what: string, path: string, act: () => Promise<TResult>): Promise<TResult> {
  try {
    return await act()
  } catch (error) {
    throw new PersistenceError(what, path, error)
  }
}

/** What matters is durable before a file is closed, so an error of close says nothing new. */
async function closeQuietly(writer: WritableFile): Promise<void> {
  await writer.close().catch(() => {})
}
