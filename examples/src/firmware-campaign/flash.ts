import type { FirmwareTarget } from '@iothub-dm/device'
import * as v from 'valibot'

const content = v.pipe(v.string(), v.parseJson(), v.object({ version: v.string(), works: v.boolean() }))

/** An image of the cameras of this example: a file that says what it would be. */
export type Image = v.InferOutput<typeof content>

/** The flash of a camera, in memory: the image that runs, and the one that is started next. */
export class Flash {
  #running: Image = { version: '1.0.0', works: true }
  #previous: Image = this.#running
  #next: Image = this.#running

  /** The camera starts. */
  boot(): void {
    this.#running = this.#next
  }

  /** What a firmware update does with the flash. */
  target(restart: () => void): FirmwareTarget {
    return {
      currentVersion: () => this.#running.version,
      apply: async image => {
        const blocks: Uint8Array[] = []
        for await (const block of image.read()) blocks.push(block)
        this.#next = v.parse(content, Buffer.concat(blocks).toString())
        this.#previous = this.#running
      },
      restart,
      confirm: () => this.#running.works,
      rollback: () => {
        this.#next = this.#previous
      },
    }
  }
}
