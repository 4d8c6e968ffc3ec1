import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { isJsonObject, type JsonObject, type SignedDocument } from '@iothub-dm/protocol'
import { type DeviceClient, FleetClient } from '@iothub-dm/service'
import { CameraFactory } from '../../../examples/src/firmware-update/camera-factory.ts'
import { camera } from '../../../examples/src/firmware-update/contract.ts'
import { Launcher } from '../../../examples/src/firmware-update/launcher.ts'
import type { Release } from '../../../examples/src/firmware-update/release.ts'
import { type ImageServer, startImageServer } from '../../../examples/src/support/image-server.ts'
import { registryOf } from '../local-hub/azure-clients.ts'
import { type KillPoint, writeKillHook } from './kill-hook.ts'

/** The versions that there are images of. */
const versions: readonly Omit<Release, 'keySet'>[] = [
  { version: '1.0.0' },
  { version: '2.0.0' },
  { version: '2.1.0', defect: 'unhealthy' },
  { version: '2.2.0', defect: 'crash' },
]

/** A hub, an image server, and the maker of the cameras: the programs of the firmware update example. */
export class FirmwareBench implements AsyncDisposable {
  readonly factory: CameraFactory
  readonly images: ImageServer
  readonly #hub: LocalHub
  readonly #fleet: FleetClient<typeof camera>
  readonly #directory: string

  private constructor(hub: LocalHub, images: ImageServer, factory: CameraFactory, directory: string) {
    this.#hub = hub
    this.images = images
    this.factory = factory
    this.#directory = directory
    this.#fleet = FleetClient.fromConnectionString(hub.connectionString('service'), camera, {
      endpoint: hub.httpsEndpoint,
      ca: hub.caCertificate,
      pollIntervalInMs: 50,
    })
  }

  static async open(): Promise<FirmwareBench> {
    const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-firmware-'))
    const factory = new CameraFactory(join(directory, 'images'))
    await mkdir(factory.imageDirectory)
    await Promise.all(versions.map(release => factory.build(release.version, release)))
    const images = await startImageServer(factory.imageDirectory, 8_000_000)
    return new FirmwareBench(await startLocalHub(), images, factory, directory)
  }

  /** A manifest for an image, signed. */
  sign(name: string, version: string = name): Promise<SignedDocument> {
    return this.factory.sign(join(this.factory.imageDirectory, name), version, () => {})
  }

  /**
   * Makes a camera at version 1.0.0, starts it and waits until it is connected.
   *
   * @param images where it gets images from
   */
  async startCamera(deviceId: string, killPoint?: KillPoint, images: ImageServer = this.images): Promise<BenchCamera> {
    const directory = join(this.#directory, deviceId)
    await mkdir(directory)
    const place = {
      connectionString: await this.#hub.createDevice(deviceId),
      hub: { endpoint: this.#hub.mqttEndpoint, ca: this.#hub.caCertificate },
      slotsDirectory: join(directory, 'slots'),
      stateDirectory: join(directory, 'state'),
      imageServerCa: images.ca,
    }
    const image = join(this.factory.imageDirectory, '1.0.0')
    const configFile = await this.factory.equip(directory, place, image, '1.0.0')
    const hook = killPoint === undefined ? undefined : await writeKillHook(directory, killPoint)
    const launcher = new Launcher({ slotsDirectory: place.slotsDirectory, configFile, nodeOptions: hook?.nodeOptions })
    const connected = new Promise((resolve, reject) => {
      launcher.once('connected', resolve)
      launcher.once('exited', (_, end) => reject(new Error(`the device program ended: ${JSON.stringify(end)}`)))
    })
    await launcher.start()
    await connected
    return new BenchCamera(launcher, this.#fleet.getDeviceClient(deviceId), this.#hub, directory, hook?.mark)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fleet.close()
    await this.images[Symbol.asyncDispose]()
    await this.#hub.close()
    await rm(this.#directory, { recursive: true })
  }
}

/** A camera in a process of its own, under its launcher. */
class BenchCamera implements AsyncDisposable {
  readonly launcher: Launcher
  readonly client: DeviceClient<typeof camera>
  /** How often its program was started, and how it ended each time. */
  readonly ends: string[] = []
  /** All that its processes have printed. */
  output = ''
  readonly #hub: LocalHub
  readonly #directory: string
  readonly #mark: string | undefined

  constructor(
    launcher: Launcher,
    client: DeviceClient<typeof camera>,
    hub: LocalHub,
    directory: string,
    mark: string | undefined,
  ) {
    this.launcher = launcher
    this.client = client
    this.#hub = hub
    this.#directory = directory
    this.#mark = mark
    launcher.on('output', text => {
      this.output += text
    })
    launcher.on('exited', (_, { exitCode, signal }) => this.ends.push(String(signal ?? exitCode)))
  }

  /** Whether it came to the point where it was to be killed. */
  wasKilled(): boolean {
    return this.#mark !== undefined && existsSync(this.#mark)
  }

  /** The version that answers. */
  version(): Promise<string> {
    return this.client.methods.getVersion.invoke(undefined, { connectTimeoutInSeconds: 20 })
  }

  /** Its reported properties, as any tool would see them. */
  async reported(): Promise<JsonObject> {
    const { responseBody } = await registryOf(this.#hub).getTwin(this.client.deviceId)
    return responseBody.properties.reported
  }

  /** The documented section `firmware` of its reported properties. */
  async firmware(): Promise<JsonObject> {
    const { firmware } = await this.reported()
    return isJsonObject(firmware) ? firmware : {}
  }

  /** What lies in its slots, but for the programs themselves, and where the links lead. */
  async slots(): Promise<Readonly<Record<string, string>>> {
    const path = join(this.#directory, 'slots')
    const names = (await readdir(path)).filter(name => name === 'current' || name === 'trial' || name === 'previous')
    const links = await Promise.all(names.map(async name => [name, await readlink(join(path, name))] as const))
    return Object.fromEntries(links)
  }

  /** The files of the camera that hold a text. */
  async filesWith(text: string): Promise<readonly string[]> {
    const entries = await readdir(this.#directory, { recursive: true, withFileTypes: true })
    const files = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    const contents = await Promise.all(files.map(async file => [file, await readFile(file, 'latin1')] as const))
    return contents.flatMap(([file, content]) => (content.includes(text) ? [file] : []))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.launcher.stop()
  }
}
