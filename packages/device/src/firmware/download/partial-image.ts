import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PersistenceError } from '../../journal/errors.ts'
import { nodeFileSystem } from '../../journal/node-file-system.ts'
import type { ContentValidator } from './content-validator.ts'
import { readMark, writeMark } from './partial-mark.ts'
import { openPrivateFile, openRegularFile } from './private-file.ts'

/** After so many bytes what is there is made durable, so that a later life can go on from there. */
const markEveryBytes = 1024 * 1024

/**
 * An image that is on its way: `<file>.partial`, and beside it `<file>.partial.json` that says how much of it can be relied on. The bytes
 * go through the digest as they come; those that an earlier life left are read again first.
 */
export class PartialImage implements AsyncDisposable {
  readonly #file: string
  readonly #path: string
  readonly #sha256: string
  readonly #handle: FileHandle
  #hash: Hash
  #length: number
  #markedLength: number
  #validator: ContentValidator | undefined
  #total: number | undefined

  private constructor(file: string, sha256: string, handle: FileHandle, prefix: Prefix) {
    this.#file = file
    this.#path = partialPathOf(file)
    this.#sha256 = sha256
    this.#handle = handle
    this.#hash = prefix.hash
    this.#length = prefix.length
    this.#markedLength = prefix.length
    this.#validator = prefix.validator
    this.#total = prefix.total
  }

  /**
   * Opens what is there of an image, or begins it. What is there counts as far as it is what was marked last, by its digest.
   *
   * @param file where the image is to be in the end
   * @param sha256 of the whole image; what is there of another one is dropped
   * @throws PersistenceError
   */
  static open(file: string, sha256: string): Promise<PartialImage> {
    const path = partialPathOf(file)
    return persist('open the image', path, async () => {
      const handle = await openPrivateFile(path)
      try {
        const prefix = (await readPrefix(handle, path, sha256)) ?? noPrefix()
        await handle.truncate(prefix.length)
        return new PartialImage(file, sha256, handle, prefix)
      } catch (error) {
        await handle.close()
        throw error
      }
    })
  }

  /** Bytes that are there. */
  get length(): number {
    return this.#length
  }

  /** What the bytes that are there are bound to; undefined: the server gave nothing, and they cannot be gone on with. */
  get validator(): ContentValidator | undefined {
    return this.#validator
  }

  /** Bytes of the whole image, as the server said. */
  get total(): number | undefined {
    return this.#total
  }

  /** Appends bytes; of those that came before, a life that follows may already rely on a part. */
  async append(bytes: Uint8Array): Promise<void> {
    await persist('write the image', this.#path, () => this.#handle.appendFile(bytes))
    this.#hash.update(bytes)
    this.#length += bytes.length
    if (this.#length - this.#markedLength >= markEveryBytes) await this.mark()
  }

  /** Drops what is there. What is appended next is bound to another validator. */
  async startOver(validator?: ContentValidator, total?: number): Promise<void> {
    await persist('begin the image anew', this.#path, async () => {
      await rm(markPathOf(this.#path), { force: true })
      await this.#handle.truncate(0)
    })
    this.#hash = createHash('sha256')
    this.#length = 0
    this.#markedLength = 0
    this.#validator = validator
    this.#total = total
  }

  /** Makes what is there durable, for the next life. Nothing is kept of a download that cannot be gone on with. */
  async mark(): Promise<void> {
    const validator = this.#validator
    if (validator === undefined || this.#length === this.#markedLength) return
    const [length, prefixSha256] = [this.#length, this.#hash.copy().digest('hex')]
    await persist('write the image', this.#path, async () => {
      await this.#handle.datasync()
      await writeMark(markPathOf(this.#path), {
        sha256: this.#sha256,
        length,
        prefixSha256,
        validator,
        total: this.#total,
      })
    })
    this.#markedLength = length
  }

  /**
   * Ends the download.
   *
   * @returns whether the bytes are those of the image, which stands under its own name then, durably; otherwise nothing is left of them
   */
  async finish(): Promise<boolean> {
    if (this.#hash.copy().digest('hex') !== this.#sha256) {
      await this.startOver()
      return false
    }
    await persist('keep the image', this.#file, async () => {
      await this.#handle.sync()
      await rename(this.#path, this.#file)
      await nodeFileSystem.syncDirectory(dirname(this.#file))
      await rm(markPathOf(this.#path), { force: true })
    })
    return true
  }

  /** Removes what is there. */
  async discard(): Promise<void> {
    await this.startOver()
    await persist('remove the image', this.#path, () => rm(this.#path, { force: true }))
  }

  /** Closes the file; what is there stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close()
  }
}

/**
 * Tells whether an image is there already, whole, from an earlier life.
 *
 * @throws PersistenceError
 */
export function isImageThere(file: string, sha256: string): Promise<boolean> {
  return persist('read the image', file, async () => {
    const handle = await openRegularFile(file)
    if (handle === undefined) return false
    try {
      const hash = createHash('sha256')
      for await (const block of handle.createReadStream({ autoClose: false })) hash.update(block)
      return hash.digest('hex') === sha256
    } finally {
      await handle.close()
    }
  })
}

/** The bytes at the start of a file that are known to be right. */
interface Prefix {
  readonly hash: Hash
  readonly length: number
  readonly validator: ContentValidator | undefined
  readonly total: number | undefined
}

function noPrefix(): Prefix {
  return { hash: createHash('sha256'), length: 0, validator: undefined, total: undefined }
}

async function readPrefix(handle: FileHandle, path: string, sha256: string): Promise<Prefix | undefined> {
  const mark = await readMark(markPathOf(path))
  if (mark === undefined || mark.sha256 !== sha256) return undefined
  const { length, validator, total } = mark
  if ((await handle.stat()).size < length) return undefined
  const hash = createHash('sha256')
  for await (const block of handle.createReadStream({ start: 0, end: length - 1, autoClose: false })) hash.update(block)
  return hash.copy().digest('hex') === mark.prefixSha256 ? { hash, length, validator, total } : undefined
}

function partialPathOf(file: string): string {
  return `${file}.partial`
}

function markPathOf(partialPath: string): string {
  return `${partialPath}.json`
}

async function persist<TResult>(attempt: string, path: string, run: () => Promise<TResult>): Promise<TResult> {
  try {
    return await run()
  } catch (error) {
    throw new PersistenceError(attempt, path, error)
  }
}
