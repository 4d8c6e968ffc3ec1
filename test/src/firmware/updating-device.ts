import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeviceAgent, type FirmwareTarget, firmwareUpdateWith, imageDownloader, implement } from '@iothub-dm/device'
import { publicKeyOf, signFirmwareManifest } from '@iothub-dm/device/signing'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import {
  defineContract,
  type FirmwareManifest,
  firmwareUpdate,
  isJsonObject,
  type JsonObject,
} from '@iothub-dm/protocol'
import type { Registry } from 'azure-iothub'
import { type ImageServer, startImageServer } from '../../../examples/src/support/image-server.ts'
import { registryOf, serviceClientOf } from '../local-hub/azure-clients.ts'

const contract = defineContract({ actions: { firmwareUpdate } })
const key = { kid: 'release', privateKey: generateKeyPairSync('ed25519').privateKey }
const keySet = { version: 1, threshold: 1, keys: [publicKeyOf(key)] }

/** What is done with the images of the bench. */
export const imageName = 'camera.bin'

/**
 * A hub, an image server, and a device in this process that updates itself: the download and all on the wire are real, its flash and its
 * restarts are a variable and another agent on the same state directory. All of it ends with the scope.
 */
export class UpdatingDevice implements AsyncDisposable {
  readonly hub: LocalHub
  readonly registry: Registry
  readonly images: ImageServer
  /** Whether the new version is well. */
  healthy = true
  running = '1.0.0'
  /** Every `firmware` section that the device has reported, without repetition. */
  readonly sections: JsonObject[] = []
  readonly #directory: string
  readonly #connectionString: string
  #next = '1.0.0'
  #boot = 0
  #agent: DeviceAgent | undefined
  #restarting: Promise<void> | undefined

  private constructor(hub: LocalHub, images: ImageServer, directory: string, connectionString: string) {
    this.hub = hub
    this.images = images
    this.registry = registryOf(hub)
    this.#directory = directory
    this.#connectionString = connectionString
  }

  static async open(): Promise<UpdatingDevice> {
    const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-updating-'))
    await writeFile(join(directory, imageName), Buffer.alloc(300_000, 'image'))
    const [hub, images] = await Promise.all([startLocalHub(), startImageServer(directory)])
    const device = new UpdatingDevice(hub, images, directory, await hub.createDevice('cam-1'))
    await device.#boots()
    return device
  }

  /** A request with a signed manifest for the image. */
  async request(changes: Partial<FirmwareManifest> = {}): Promise<JsonObject> {
    const fwPackageUri = this.images.urlOf(imageName)
    const facts = { version: '2.0.0', sequence: 200, models: ['camera'], expires: '2099-01-01T00:00:00Z', ...changes }
    const manifest = await signFirmwareManifest(join(this.#directory, imageName), facts, [key], () => {})
    return { fwPackageUri, manifest: { ...manifest } }
  }

  /** Calls the direct method with the official client. */
  async invoke(payload: unknown): Promise<{ readonly status: number; readonly payload: JsonObject }> {
    const { result } = await serviceClientOf(this.hub).invokeDeviceMethod('cam-1', {
      methodName: 'firmwareUpdate',
      payload,
      responseTimeoutInSeconds: 10,
    })
    const { status, payload: answer }: { status: number; payload: unknown } = result
    return { status, payload: isJsonObject(answer) ? answer : {} }
  }

  /** The reported properties, once they fulfil the condition. */
  async reported(condition: (reported: JsonObject) => boolean): Promise<JsonObject> {
    for (;;) {
      const changed = this.hub.waitFor('reportedChanged')
      const { responseBody } = await this.registry.getTwin('cam-1')
      const reported: unknown = responseBody.properties.reported
      if (isJsonObject(reported)) {
        this.#see(reported.firmware)
        if (condition(reported)) return reported
      }
      await changed
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#restarting
    await this.#agent?.close()
    await this.images[Symbol.asyncDispose]()
    await this.hub[Symbol.asyncDispose]()
    await rm(this.#directory, { recursive: true })
  }

  #see(section: unknown): void {
    if (!isJsonObject(section)) return
    const { $metadata: _metadata, ...plain } = section
    if (JSON.stringify(this.sections.at(-1)) !== JSON.stringify(plain)) this.sections.push(plain)
  }

  async #boots(): Promise<void> {
    this.running = this.#next
    this.#boot += 1
    const handler = firmwareUpdateWith(this.#target(), {
      directory: join(this.#directory, 'firmware'),
      trust: { keySet },
      device: { model: 'camera' },
      download: imageDownloader({ ca: this.images.ca, privateHosts: ['localhost'] }),
    })
    this.#agent = DeviceAgent.fromConnectionString(
      this.#connectionString,
      implement(contract, { actions: { firmwareUpdate: handler } }),
      {
        stateDirectory: join(this.#directory, 'state'),
        bootId: `boot-${this.#boot}`,
        ca: this.hub.caCertificate,
        endpoint: this.hub.mqttEndpoint,
        progressIntervalInMs: 0,
      },
    )
    this.#agent.on('error', () => {})
    await this.#agent.open()
  }

  async #restart(): Promise<void> {
    await this.#agent?.close()
    await this.#boots()
  }

  #target(): FirmwareTarget {
    return {
      currentVersion: () => this.running,
      apply: async (image, { version }) => {
        let bytes = 0
        for await (const block of image.read()) bytes += block.length
        if (bytes !== 300_000) throw new TypeError('another image')
        this.#next = version
      },
      restart: () => {
        // Not from within: closing the agent waits for this handler.
        setImmediate(() => {
          this.#restarting = this.#restart()
        })
      },
      confirm: () => this.healthy,
      rollback: () => {
        this.#next = '1.0.0'
      },
    }
  }
}
