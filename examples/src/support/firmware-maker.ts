import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firmwareUpdateWith, type Implementation, imageDownloader, implement } from '@iothub-dm/device'
import { publicKeyOf, signFirmwareManifest } from '@iothub-dm/device/signing'
import { defineContract, firmwareUpdate } from '@iothub-dm/protocol'
import { Flash, imageOf } from './flash.ts'
import { type ImageServer, startImageServer } from './image-server.ts'
import { imageServerHost } from './image-server-host.ts'

/** What cameras can do whose firmware is updated. */
export const updatableCamera = defineContract({ actions: { firmwareUpdate } })

/** A version as it is handed out, by the names of Microsoft's tutorial. */
export type Release = {
  readonly fwVersion: string
  readonly fwPackageURI: string
  /** SHA-256 of the image. */
  readonly fwPackageCheckValue: string
  readonly manifest: { readonly document: string; readonly signatures: string[] }
}

/** Who makes cameras and their firmware: signs images, and has a server that they are fetched from. */
export class FirmwareMaker implements AsyncDisposable {
  readonly #key = { kid: 'release-1', privateKey: generateKeyPairSync('ed25519').privateKey }
  readonly #directory: string
  readonly #images: ImageServer
  #sequence = 100

  private constructor(directory: string, images: ImageServer) {
    this.#directory = directory
    this.#images = images
  }

  /** @param directory a folder of its own */
  static async open(directory: string): Promise<FirmwareMaker> {
    await mkdir(directory)
    // Many can read a hub configuration, so the link in it has no token. What the cameras trust is the signature.
    return new FirmwareMaker(directory, await startImageServer(directory, undefined, 'public'))
  }

  /**
   * Makes an image and signs for it.
   *
   * @param downgradePermit allows cameras to go back to it from a newer one, once
   */
  async release(version: string, downgradePermit?: string): Promise<Release> {
    const name = `camera-${version}`
    const file = join(this.#directory, name)
    const image = imageOf(version)
    await writeFile(file, image)
    this.#sequence += 1
    const expires = new Date(Date.now() + 3_600_000).toISOString()
    const facts = { version, sequence: this.#sequence, models: ['camera'], expires, downgradePermit }
    const { document, signatures } = await signFirmwareManifest(file, facts, [this.#key], () => {})
    return {
      fwVersion: version,
      fwPackageURI: this.#images.urlOf(name),
      fwPackageCheckValue: createHash('sha256').update(image).digest('hex'),
      manifest: { document, signatures: [...signatures] },
    }
  }

  /**
   * Makes the software of a camera; its flash is a variable.
   *
   * @param isWell the health check of a version
   */
  software(name: string, isWell: (version: string) => boolean): (restart: () => void) => Implementation {
    const flash = new Flash()
    return restart => {
      flash.boot()
      const handler = firmwareUpdateWith(flash.target(restart, isWell), {
        directory: join(this.#directory, `of-${name}`),
        trust: { keySet: { version: 1, threshold: 1, keys: [publicKeyOf(this.#key)] } },
        device: { model: 'camera' },
        download: imageDownloader({ ca: this.#images.ca, privateHosts: [imageServerHost] }),
      })
      return implement(updatableCamera, { actions: { firmwareUpdate: handler } })
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#images[Symbol.asyncDispose]())
  }
}
