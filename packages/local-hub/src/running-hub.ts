import { Agent } from 'node:https'
import { clientConnectionString } from './client-connection-string.ts'
import type { PolicyName } from './hub-core/auth/policy.ts'
import type { MessageRequest } from './hub-core/cloud-to-device/message-request.ts'
import type { HubEventListener } from './hub-core/event/event-stream.ts'
import type { HubEventOf, HubEventType } from './hub-core/event/hub-event.ts'
import type { HubFaults } from './hub-core/faults/hub-faults.ts'
import type { HubCore } from './hub-core/hub-core.ts'
import { deviceKey, type IdentityName } from './hub-core/identity/identity-key.ts'
import type { CloseManner } from './hub-core/session/device-connection.ts'
import type { HubMeter } from './hub-core/throttle/meter.ts'
import { identityBody } from './identity-body.ts'
import type { Listeners } from './listeners.ts'
import type { ConnectionStringOptions, CreateDeviceOptions, CreateModuleOptions, LocalHub } from './local-hub.ts'
import { routeServiceClient } from './route-service-client.ts'
import type { Endpoint } from './transports/endpoint.ts'
import { waitForEvent } from './wait-for-event.ts'

/** What a running hub is put together from. */
export interface RunningHubParts {
  readonly hostName: string
  readonly core: HubCore
  readonly listeners: Listeners
  /** Listens again, on the same ports. */
  readonly reopen: () => Promise<Listeners>
  readonly caCertificate: string
  /** Gives up what the hub holds besides, when it has closed. */
  readonly release: () => Promise<void>
}

/** The {@link LocalHub} on top of a core and its running transports. */
export class RunningHub implements LocalHub {
  readonly hostName: string
  readonly mqttEndpoint: Endpoint
  readonly httpsEndpoint: Endpoint
  readonly amqpEndpoint: Endpoint
  readonly caCertificate: string
  readonly #core: HubCore
  readonly #reopen: () => Promise<Listeners>
  readonly #release: () => Promise<void>
  readonly #closed = new AbortController()
  /** Undefined while the hub is away. */
  #listeners: Listeners | undefined
  #restarting: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(parts: RunningHubParts) {
    this.hostName = parts.hostName
    this.mqttEndpoint = parts.listeners.mqtt
    this.httpsEndpoint = parts.listeners.https
    this.amqpEndpoint = parts.listeners.amqp
    this.caCertificate = parts.caCertificate
    this.#core = parts.core
    this.#listeners = parts.listeners
    this.#reopen = parts.reopen
    this.#release = parts.release
  }

  connectionString(policyName: PolicyName = 'iothubowner'): string {
    const { name, keys } = this.#core.policies.get(policyName)
    return `HostName=${this.hostName};SharedAccessKeyName=${name};SharedAccessKey=${keys.primaryKey}`
  }

  async createDevice(deviceId: string, options: CreateDeviceOptions = {}): Promise<string> {
    this.#core.identities.put(deviceId, identityBody(options), { kind: 'none' })
    await this.#core.durable.settled()
    return this.deviceConnectionString(deviceId)
  }

  deviceConnectionString(deviceId: string, options?: ConnectionStringOptions): string {
    return this.#connectionString({ deviceId }, this.#core.identities.primaryKeyOf(deviceId), options)
  }

  async createModule(deviceId: string, moduleId: string, options: CreateModuleOptions = {}): Promise<string> {
    this.#core.modules.put(deviceId, moduleId, identityBody(options), { kind: 'none' })
    await this.#core.durable.settled()
    return this.moduleConnectionString(deviceId, moduleId)
  }

  moduleConnectionString(deviceId: string, moduleId: string, options?: ConnectionStringOptions): string {
    const key = this.#core.modules.primaryKeyOf(deviceId, moduleId)
    return this.#connectionString({ deviceId, moduleId }, key, options)
  }

  async addCertificateAuthority(pem: string): Promise<void> {
    this.#core.authorities.add(pem)
    await this.#core.durable.settled()
  }

  httpsAgent(): Agent {
    const { host, port } = this.httpsEndpoint
    return new Agent({ keepAlive: true, host, port, ca: this.caCertificate, servername: this.hostName })
  }

  route<TClient extends object>(client: TClient): TClient {
    return routeServiceClient(client, this.httpsAgent())
  }

  async sendMessage(deviceId: string, message: MessageRequest): Promise<string> {
    return this.#core.cloudToDevice.send(deviceId, message)
  }

  disconnect(deviceId: string, manner: CloseManner = 'fin'): void {
    this.#core.sessions.closeConnection(deviceKey(deviceId), 'faultInjected', manner)
  }

  loseSession(deviceId: string): void {
    this.#core.sessions.loseSession(deviceKey(deviceId))
  }

  disconnectAll(manner: CloseManner = 'fin'): void {
    this.#core.sessions.closeAll('faultInjected', manner)
  }

  loseAllSessions(): void {
    this.#core.sessions.loseAllSessions()
  }

  get faults(): HubFaults {
    return this.#core.faults
  }

  get meter(): HubMeter {
    return this.#core.meter
  }

  subscribe(listener: HubEventListener): () => void {
    return this.#core.events.subscribe(listener)
  }

  waitFor<TType extends HubEventType>(
    type: TType,
    matches: (event: HubEventOf<TType>) => boolean = () => true,
  ): Promise<HubEventOf<TType>> {
    return waitForEvent(this.#core.events, type, matches, this.#closed.signal)
  }

  restart(): Promise<void> {
    this.#restarting = this.#restarting.catch(() => {}).then(() => this.#restart())
    return this.#restarting
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #connectionString(
    name: IdentityName,
    key: string | undefined,
    { gateway = true }: ConnectionStringOptions = {},
  ): string {
    const endpoint = gateway ? this.mqttEndpoint : undefined
    return clientConnectionString({ hostName: this.hostName, endpoint, key, ...name })
  }

  async #restart(): Promise<void> {
    if (this.#closing !== undefined) throw new Error('the hub is closed')
    this.#core.interrupt()
    await this.#closeListeners()
    this.#listeners = await this.#reopen()
  }

  async #close(): Promise<void> {
    this.#core.close()
    await this.#restarting.catch(() => {})
    try {
      await this.#closeListeners()
    } finally {
      await this.#release()
      this.#closed.abort()
    }
  }

  async #closeListeners(): Promise<void> {
    const listeners = this.#listeners
    this.#listeners = undefined
    await listeners?.close()
  }
}
