import { join } from 'node:path'
import { isJsonObject, type JsonObject } from '@iothub-dm/protocol'
import { PersistenceError } from '../journal/errors.ts'
import type { FileSystem } from '../journal/file-system.ts'
import { nodeFileSystem } from '../journal/node-file-system.ts'

/** Keeps the secrets of the operations that are under way, see `secrets` of an action. */
export interface SecretStore {
  /** The secrets of an operation; empty when it has none. */
  get(operationId: string): JsonObject
  /**
   * Keeps the secrets of an operation durably, in the place of those that it had.
   *
   * @throws PersistenceError when the disk fails; nothing has changed then
   */
  put(operationId: string, secrets: JsonObject): Promise<void>
  /** Forgets the secrets of an operation. */
  remove(operationId: string): Promise<void>
}

/** What becomes of the secrets of all operations; undefined: nothing. */
type SecretsChange = (all: Map<string, JsonObject>) => ReadonlyMap<string, JsonObject> | undefined

/** Options of {@link SecretsFile.open}. */
export interface SecretsFileOptions {
  /** The state directory, which exists. */
  readonly directory: string
  /** @default the file system of this machine */
  readonly fileSystem?: FileSystem | undefined
  /** Whether an operation is under way: the secrets of all others are forgotten. */
  readonly isUnderWay: (operationId: string) => boolean
}

/**
 * Secrets in a file of their own in the state directory, readable by the user of the process alone, and there only while an
 * operation with secrets is under way. It is replaced as a whole, so that a power cut leaves the old one or the new one.
 */
export class SecretsFile implements SecretStore {
  readonly #path: string
  readonly #directory: string
  readonly #fileSystem: FileSystem
  #secrets: ReadonlyMap<string, JsonObject>
  #tail: Promise<unknown> = Promise.resolve()

  private constructor(directory: string, fileSystem: FileSystem, secrets: ReadonlyMap<string, JsonObject>) {
    this.#directory = directory
    this.#path = join(directory, 'secrets')
    this.#fileSystem = fileSystem
    this.#secrets = secrets
  }

  /**
   * Reads the file, and removes from it what nobody needs any more.
   *
   * @throws PersistenceError when the directory cannot be read or written
   */
  static async open(options: SecretsFileOptions): Promise<SecretsFile> {
    const { directory, fileSystem = nodeFileSystem, isUnderWay } = options
    const found = await attempt('read', directory, async () => {
      const names = await fileSystem.readDirectory(directory)
      return names.includes('secrets.tmp') || names.includes('secrets')
    })
    if (!found) return new SecretsFile(directory, fileSystem, new Map())
    const path = join(directory, 'secrets')
    const bytes = await attempt('read', path, () => fileSystem.readFile(path))
    const all = decode(bytes)
    const needed = new Map([...all].filter(([operationId]) => isUnderWay(operationId)))
    const file = new SecretsFile(directory, fileSystem, needed)
    await file.#write(needed)
    return file
  }

  get(operationId: string): JsonObject {
    return this.#secrets.get(operationId) ?? {}
  }

  put(operationId: string, secrets: JsonObject): Promise<void> {
    return this.#change(all => all.set(operationId, secrets))
  }

  async remove(operationId: string): Promise<void> {
    await this.#change(all => (all.delete(operationId) ? all : undefined))
  }

  #change(change: SecretsChange): Promise<void> {
    const done = this.#tail.then(() => this.#apply(change))
    this.#tail = done.catch(() => {})
    return done
  }

  async #apply(change: SecretsChange): Promise<void> {
    const changed = change(new Map(this.#secrets))
    if (changed === undefined) return
    await this.#write(changed)
    this.#secrets = changed
  }

  async #write(secrets: ReadonlyMap<string, JsonObject>): Promise<void> {
    const temporaryPath = `${this.#path}.tmp`
    await attempt('write', this.#path, async () => {
      await this.#fileSystem.unlink(temporaryPath)
      if (secrets.size === 0) await this.#fileSystem.unlink(this.#path)
      else {
        const file = await this.#fileSystem.createFile(temporaryPath)
        try {
          await file.write(Buffer.from(JSON.stringify(Object.fromEntries(secrets))))
          await file.sync()
        } finally {
          await file.close()
        }
        await this.#fileSystem.rename(temporaryPath, this.#path)
      }
      await this.#fileSystem.syncDirectory(this.#directory)
    })
  }
}

/** What cannot be read is as good as lost: the operations that need it say so. */
function decode(bytes: Uint8Array | undefined): ReadonlyMap<string, JsonObject> {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes ?? []).toString())
    const entries = isJsonObject(value) ? Object.entries(value) : []
    return new Map(entries.flatMap(([operationId, secrets]) => (isJsonObject(secrets) ? [[operationId, secrets]] : [])))
  } catch {
    return new Map()
  }
}

async function attempt<TResult>(what: string, path: string, act: () => Promise<TResult>): Promise<TResult> {
  try {
    return await act()
  } catch (error) {
    throw new PersistenceError(what, path, error)
  }
}
