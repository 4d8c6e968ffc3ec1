import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConfigurationHandlers, DeviceAgent, implement } from '@iothub-dm/device'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { isJsonObject, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import type { Registry } from 'azure-iothub'
import { registryOf } from '../local-hub/azure-clients.ts'
import { device } from './contract.ts'

/** A call of the handler of a section. */
export interface Applied {
  readonly name: string
  readonly desired: unknown
  readonly previous: unknown
  readonly version: number
}

type DeviceHandlers = ConfigurationHandlers<typeof device>

/** A hub, its official registry client, and a device with configurations in this process. All of it ends with the scope. */
export class ConfigurationBench implements AsyncDisposable {
  readonly hub: LocalHub
  /** The state directory of the device is in it. */
  readonly directory: string
  readonly connectionString: string
  /** The calls of the handlers, over all agents. */
  readonly applied: Applied[] = []
  readonly errors: unknown[] = []
  readonly #registry: Registry
  #agent: DeviceAgent | undefined

  private constructor(hub: LocalHub, directory: string, connectionString: string) {
    this.hub = hub
    this.directory = directory
    this.connectionString = connectionString
    this.#registry = registryOf(hub)
  }

  static async open(): Promise<ConfigurationBench> {
    const hub = await startLocalHub()
    const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-configuration-'))
    return new ConfigurationBench(hub, directory, await hub.createDevice('cam-1'))
  }

  /** Starts an agent and waits until it is connected. */
  async connect(handlers: Partial<DeviceHandlers> = {}): Promise<void> {
    const note = (name: string): DeviceHandlers['zones'] & DeviceHandlers['telemetry'] => {
      return (desired: unknown, { previous, version }: { readonly previous: unknown; readonly version: number }) => {
        this.applied.push({ name, desired, previous, version })
      }
    }
    const configurations = { telemetry: note('telemetry'), zones: note('zones'), ...handlers }
    this.#agent = DeviceAgent.fromConnectionString(this.connectionString, implement(device, { configurations }), {
      stateDirectory: join(this.directory, 'state'),
      bootId: 'boot-1',
      ca: this.hub.caCertificate,
      endpoint: this.hub.mqttEndpoint,
    })
    this.#agent.on('error', error => this.errors.push(error))
    await this.#agent.open()
  }

  /** Ends the agent in good order. */
  async disconnect(): Promise<void> {
    await this.#agent?.close()
  }

  /** The back end writes desired properties; returns their version. */
  async write(desired: JsonObject): Promise<number> {
    const { responseBody } = await this.#registry.updateTwin('cam-1', { properties: { desired } }, '*')
    return responseBody.properties.desired.$version
  }

  /** What the device reports of a section. */
  async reported(name: string): Promise<JsonValue | undefined> {
    const { responseBody } = await this.#registry.getTwin('cam-1')
    const reported: JsonObject = responseBody.properties.reported
    return reported[name]
  }

  /** Waits until a section is acknowledged at a version with a code; resolves with it. */
  async acknowledged(name: string, version: number, code: number): Promise<JsonObject> {
    for (;;) {
      const changed = this.hub.waitFor('reportedChanged')
      const section = await this.reported(name)
      if (isJsonObject(section) && section.av === version && section.ac === code) return section
      await changed
    }
  }

  /** Waits until a section is gone. */
  async removed(name: string): Promise<void> {
    for (;;) {
      const changed = this.hub.waitFor('reportedChanged')
      if ((await this.reported(name)) === undefined) return
      await changed
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disconnect()
    await this.hub.close()
    await rm(this.directory, { recursive: true, force: true })
  }
}
