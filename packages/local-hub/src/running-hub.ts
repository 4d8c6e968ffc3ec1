import { Agent } from 'node:https'
import type { PolicyName } from './hub-core/auth/policy.ts'
import type { HubEventListener } from './hub-core/event/event-stream.ts'
import type { HubEventOf, HubEventType } from './hub-core/event/hub-event.ts'
import type { HubCore } from './hub-core/hub-core.ts'
import { deviceKey } from './hub-core/identity/identity-key.ts'
import type { JsonObject } from './hub-core/json/json.ts'
import type { CloseManner } from './hub-core/session/device-connection.ts'
import type { CreateDeviceOptions, LocalHub } from './local-hub.ts'
import { routeServiceClient } from './route-service-client.ts'
import type { Endpoint } from './transports/endpoint.ts'
import type { Transport } from './transports/transport.ts'
import { waitForEvent } from './wait-for-event.ts'

/** What a running hub is put together from. */
export interface RunningHubParts {
  readonly hostName: string
  readonly core: HubCore
  readonly mqtt: Transport
  readonly rest: Transport
  /** MQTT on the listener of the REST API. */
  readonly webSocket: Transport
  readonly caCertificate: string
}

/** The {@link LocalHub} on top of a core and its running transports. */
export class RunningHub implements LocalHub {
  readonly hostName: string
  readonly mqttEndpoint: Endpoint
  readonly httpsEndpoint: Endpoint
  readonly caCertificate: string
  readonly #core: HubCore
  readonly #transports: readonly Transport[]
  readonly #closed = new AbortController()
  #closing: Promise<void> | undefined

  constructor(parts: RunningHubParts) {
    this.hostName = parts.hostName
    this.mqttEndpoint = parts.mqtt.endpoint
    this.httpsEndpoint = parts.rest.endpoint
    this.caCertificate = parts.caCertificate
    this.#core = parts.core
    this.#transports = [parts.mqtt, parts.webSocket, parts.rest]
  }

  connectionString(policyName: PolicyName = 'iothubowner'): string {
    const { name, keys } = this.#core.policies.get(policyName)
    return `HostName=${this.hostName};SharedAccessKeyName=${name};SharedAccessKey=${keys.primaryKey}`
  }

  async createDevice(deviceId: string, options: CreateDeviceOptions = {}): Promise<string> {
    this.#core.identities.put(deviceId, identityBody(options), { kind: 'none' })
    return this.deviceConnectionString(deviceId)
  }

  deviceConnectionString(deviceId: string): string {
    const key = this.#core.identities.primaryKeyOf(deviceId)
    if (key === undefined) {
      throw new RangeError(`deviceId: expected a device with keys, got '${deviceId}' which has none`)
    }
    const { host, port } = this.mqttEndpoint
    return `HostName=${this.hostName};DeviceId=${deviceId};SharedAccessKey=${key};GatewayHostName=${host}:${port}`
  }

  httpsAgent(): Agent {
    const { host, port } = this.httpsEndpoint
    return new Agent({ keepAlive: true, host, port, ca: this.caCertificate, servername: this.hostName })
  }

  route<TClient extends object>(client: TClient): TClient {
    return routeServiceClient(client, this.httpsAgent())
  }

  disconnect(deviceId: string, manner: CloseManner = 'fin'): void {
    this.#core.sessions.closeConnection(deviceKey(deviceId), 'faultInjected', manner)
  }

  loseSession(deviceId: string): void {
    this.#core.sessions.loseSession(deviceKey(deviceId))
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

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    this.#core.close()
    await Promise.all(this.#transports.map(transport => transport.close()))
    this.#closed.abort()
  }
}

function identityBody({ status, symmetricKey }: CreateDeviceOptions): JsonObject {
  return {
    status: status ?? 'enabled',
    ...(symmetricKey === undefined ? {} : { authentication: { type: 'sas', symmetricKey: { ...symmetricKey } } }),
  }
}
