import { chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** The folder in which one image at a time is on its way. */
export class ImageStore {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Where the image of a digest is, or is going to be. */
  pathOf(sha256: string): string {
    return join(this.#directory, `${sha256}.image`)
  }

  /** Makes room for an image: what is there of another one is of no use any more. What is there of this one is kept. */
  async prepare(sha256: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 })
    await chmod(this.#directory, 0o700)
    await this.#remove(name => !name.startsWith(sha256))
  }

  /** Removes every image. */
  async clear(): Promise<void> {
    await this.#remove(() => true)
  }

  async #remove(isUseless: (name: string) => boolean): Promise<void> {
    const names = await readdir(this.#directory).catch(() => [])
    await Promise.all(
      names.filter(isUseless).map(name => rm(join(this.#directory, name), { recursive: true, force: true })),
    )
  }
}
