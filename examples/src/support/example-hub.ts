import { randomBytes } from 'node:crypto'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import type { RolloutRunOptions } from '@iothub-dm/service'
import iothub, { type Registry } from 'azure-iothub'
import type { HubLocation } from './hub-location.ts'

/** A device that an example has made. */
export interface ExampleDevice {
  readonly deviceId: string
  readonly connectionString: string
}

/** Where a back end finds a hub, and how often it looks at a device there. */
export interface ServiceSide extends HubLocation {
  readonly pollIntervalInMs?: number
}

/** The hub that an example runs against. The devices that it makes there are removed at the end of the scope. */
export class ExampleHub implements AsyncDisposable {
  /** A real hub is also used by others: this is the tag `example` of all devices of this run, and the end of their ids there. */
  readonly run: string
  readonly hostName: string
  /** Of a policy with all permissions. */
  readonly serviceConnectionString: string
  /** Where a device finds it. */
  readonly deviceSide: HubLocation
  /** Where a back end finds it. */
  readonly serviceSide: ServiceSide
  /** How a rollout may use it. */
  readonly rolloutSide: RolloutRunOptions
  readonly #registry: Registry
  readonly #local: LocalHub | undefined
  readonly #deviceIds: string[] = []

  private constructor(serviceConnectionString: string, local: LocalHub | undefined) {
    const registry = iothub.Registry.fromConnectionString(serviceConnectionString)
    this.hostName = /HostName=([^;]+)/i.exec(serviceConnectionString)?.[1] ?? ''
    this.serviceConnectionString = serviceConnectionString
    this.run = local === undefined ? randomBytes(4).toString('hex') : 'local'
    this.#local = local
    this.#registry = local === undefined ? registry : local.route(registry)
    if (local === undefined) {
      this.deviceSide = {}
      this.serviceSide = {}
      this.rolloutSide = {}
    } else {
      const { mqttEndpoint, httpsEndpoint, caCertificate: ca } = local
      this.deviceSide = { endpoint: mqttEndpoint, ca }
      this.serviceSide = { endpoint: httpsEndpoint, ca, pollIntervalInMs: 200 }
      this.rolloutSide = { tier: { name: 'S3' }, observeIntervalInMs: 200 }
    }
  }

  /**
   * Starts a local hub, or takes a real one.
   *
   * @param connectionString of a real hub, of the policy iothubowner
   */
  static async open(connectionString: string | undefined): Promise<ExampleHub> {
    if (connectionString !== undefined) return new ExampleHub(connectionString, undefined)
    // A real hub looks at its configurations every five minutes.
    const local = await startLocalHub({ configurationPeriodInMs: 250 })
    return new ExampleHub(local.connectionString(), local)
  }

  /** For people: which hub it is. */
  get description(): string {
    if (this.#local === undefined) return this.hostName
    return `local hub, MQTT on port ${this.#local.mqttEndpoint.port}, HTTPS on port ${this.#local.httpsEndpoint.port}`
  }

  /**
   * Makes a device.
   *
   * @param name its id; on a real hub the run comes behind it
   * @param tags to be found by
   */
  async createDevice(name: string, tags: Readonly<Record<string, string>> = {}): Promise<ExampleDevice> {
    const deviceId = this.#local === undefined ? `${name}-${this.run}` : name
    const { responseBody: device } = await this.#registry.create({ deviceId })
    this.#deviceIds.push(deviceId)
    await this.#registry.updateTwin(deviceId, { tags: { ...tags, example: this.run } }, '*')
    const key = device.authentication?.symmetricKey?.primaryKey ?? ''
    const connectionString = `HostName=${this.hostName};DeviceId=${deviceId};SharedAccessKey=${key}`
    return { deviceId, connectionString }
  }

  /** Has a device removed at the end that something else makes. */
  removeAtEnd(deviceId: string): void {
    this.#deviceIds.push(deviceId)
  }

  /** The reported properties of a device, as any tool sees them: read by Microsoft's own client. */
  async readReported(deviceId: string): Promise<unknown> {
    const { responseBody: twin } = await this.#registry.getTwin(deviceId)
    return twin.properties.reported
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#local !== undefined) return this.#local.close()
    // One that is gone already does not keep the others from being removed.
    await Promise.allSettled(this.#deviceIds.map(deviceId => this.#registry.delete(deviceId)))
  }
}
