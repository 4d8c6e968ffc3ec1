import type { FirmwareTarget } from '@iothub-dm/device'
import * as v from 'valibot'

const image = v.pipe(v.string(), v.parseJson(), v.object({ version: v.string() }))

/** Writes an image: all that it has is its version. */
export function imageOf(version: string): string {
  return JSON.stringify({ version })
}

/** The flash of a camera, in memory: the version that runs, and the one that is started next. */
export class Flash {
  #running = '1.0.0'
  #previous = '1.0.0'
  #next = '1.0.0'

  /** The camera starts. */
  boot(): void {
    this.#running = this.#next
  }

  /**
   * What a firmware update does with the flash.
   *
   * @param isWell the health check of a version
   */
  target(restart: () => void, isWell: (version: string) => boolean): FirmwareTarget {
    return {
      currentVersion: () => this.#running,
      apply: async file => {
        const blocks: Uint8Array[] = []
        for await (const block of file.read()) blocks.push(block)
        const { version } = v.parse(image, Buffer.concat(blocks).toString())
        this.#previous = this.#running
        this.#next = version
      },
      restart,
      confirm: () => isWell(this.#running),
      rollback: () => {
        this.#next = this.#previous
      },
    }
  }
}
