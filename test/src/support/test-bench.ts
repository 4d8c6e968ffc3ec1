import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CreateDeviceOptions, type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { isJsonObject, type JsonObject } from '@iothub-dm/protocol'
import { FleetClient } from '@iothub-dm/service'
import { registryOf } from '../local-hub/azure-clients.ts'
import { camera } from './contract.ts'
import { SupervisedDevice, type SupervisedDeviceOptions } from './supervised-device.ts'

/** How a device of the bench is made. */
export interface BenchDeviceOptions extends SupervisedDeviceOptions, CreateDeviceOptions {}

/** A hub, and the devices and back ends at it. All of it ends with the scope. */
export class TestBench implements AsyncDisposable {
  readonly hub: LocalHub
  readonly fleet: FleetClient<typeof camera>
  readonly #directory: string
  readonly #devices: SupervisedDevice[] = []

  private constructor(hub: LocalHub, directory: string) {
    this.hub = hub
    this.#directory = directory
    const { connectionString, ...options } = backEndSettings(hub)
    this.fleet = FleetClient.fromConnectionString(connectionString, camera, options)
  }

  static async open(): Promise<TestBench> {
    return new TestBench(await startLocalHub(), await mkdtemp(join(tmpdir(), 'iothub-dm-test-')))
  }

  /** Makes a device and starts its process; does not wait for it to connect. */
  async startDevice(deviceId: string, options: BenchDeviceOptions = {}): Promise<SupervisedDevice> {
    const { status, symmetricKey, ...deviceOptions } = options
    const connectionString = await this.hub.createDevice(deviceId, { status, symmetricKey })
    const directory = join(this.#directory, deviceId)
    await mkdir(directory)
    const place = { deviceId, connectionString, ca: this.hub.caCertificate, directory }
    const device = await SupervisedDevice.start(place, deviceOptions)
    this.#devices.push(device)
    return device
  }

  /** Makes a device, starts its process and waits until it is connected. */
  async connectDevice(deviceId: string, options?: BenchDeviceOptions): Promise<SupervisedDevice> {
    const device = await this.startDevice(deviceId, options)
    await device.connected()
    return device
  }

  /** Kills the process of a connected device; resolves when the hub has noticed as well. */
  async kill(device: SupervisedDevice): Promise<void> {
    const noticed = this.hub.waitFor('deviceDisconnected', ({ deviceId }) => deviceId === device.deviceId)
    await device.kill()
    await noticed
  }

  /** The reported properties of a device, as any tool would see them. */
  async reported(deviceId: string): Promise<JsonObject> {
    const { responseBody } = await registryOf(this.hub).getTwin(deviceId)
    return responseBody.properties.reported
  }

  /** The section `iothubDM.<action>` of a device. */
  async section(deviceId: string, action: string): Promise<JsonObject> {
    const { iothubDM } = await this.reported(deviceId)
    const section = isJsonObject(iothubDM) ? iothubDM[action] : undefined
    return isJsonObject(section) ? section : {}
  }

  /** Waits until the section of an action matches; resolves with it. */
  async sectionWhen(deviceId: string, action: string, matches: (section: JsonObject) => boolean): Promise<JsonObject> {
    for (;;) {
      const changed = this.hub.waitFor('reportedChanged', event => event.deviceId === deviceId)
      const section = await this.section(deviceId, action)
      if (matches(section)) return section
      await changed
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#devices.map(device => device[Symbol.asyncDispose]()))
    await this.fleet.close()
    await this.hub.close()
    await rm(this.#directory, { recursive: true, force: true })
  }
}

/** How a back end with our package reaches the hub. */
export interface BackEndSettings {
  readonly connectionString: string
  readonly endpoint: { readonly host: string; readonly port: number }
  readonly ca: string
  readonly pollIntervalInMs: number
}

/** Settings for a back end of a hub. Plain JSON, for another process too. */
export function backEndSettings(hub: LocalHub): BackEndSettings {
  return {
    connectionString: hub.connectionString('service'),
    endpoint: hub.httpsEndpoint,
    ca: hub.caCertificate,
    pollIntervalInMs: 50,
  }
}
