import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSlots } from '@iothub-dm/device/launcher'
import { publicKeyOf, type SigningKey, signFirmwareManifest } from '@iothub-dm/device/signing'
import type { FirmwareKeySet, SignedDocument } from '@iothub-dm/protocol'
import { buildImage } from './build-image.ts'
import type { CameraPlace } from './device-environment.ts'
import type { Release } from './release.ts'

const lifetimeInMs = 3_600_000

/** Who makes the camera and its firmware: builds images, and signs them. */
export class CameraFactory {
  /** Where the images are. */
  readonly imageDirectory: string
  readonly #key: SigningKey = { kid: 'release-1', privateKey: generateKeyPairSync('ed25519').privateKey }

  constructor(imageDirectory: string) {
    this.imageDirectory = imageDirectory
  }

  /** The keys that the cameras trust. */
  get keySet(): FirmwareKeySet {
    return { version: 1, threshold: 1, keys: [publicKeyOf(this.#key)] }
  }

  /**
   * Builds an image.
   *
   * @returns its file
   */
  async build(name: string, release: Omit<Release, 'keySet'>): Promise<string> {
    const file = join(this.imageDirectory, name)
    await buildImage(file, { ...release, keySet: this.keySet })
    return file
  }

  /** Signs the manifest of an image. Its sequence is made of its version. */
  sign(imageFile: string, version: string, print: (line: string) => void): Promise<SignedDocument> {
    const sequence = Number(version.replaceAll('.', ''))
    const expires = new Date(Date.now() + lifetimeInMs).toISOString()
    return signFirmwareManifest(imageFile, { version, sequence, models: ['camera'], expires }, [this.#key], print)
  }

  /**
   * Makes a camera with its first program.
   *
   * @returns the file with what its program has to know
   */
  async equip(directory: string, place: CameraPlace, imageFile: string, version: string): Promise<string> {
    await mkdir(place.stateDirectory, { recursive: true, mode: 0o700 })
    await createSlots(place.slotsDirectory, { version, file: imageFile })
    const configFile = join(directory, 'camera.json')
    await writeFile(configFile, JSON.stringify(place), { mode: 0o600 })
    return configFile
  }
}
