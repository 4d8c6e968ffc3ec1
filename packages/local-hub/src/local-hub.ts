import type { Agent } from 'node:https'
import type { PolicyName } from './hub-core/auth/policy.ts'
import type { MessageRequest } from './hub-core/cloud-to-device/message-request.ts'
import type { HubEventListener } from './hub-core/event/event-stream.ts'
import type { HubEventOf, HubEventType } from './hub-core/event/hub-event.ts'
import type { HubFaults } from './hub-core/faults/hub-faults.ts'
import type { IdentityStatus } from './hub-core/identity/device-identity.ts'
import type { SymmetricKeyPair } from './hub-core/identity/symmetric-key.ts'
import type { CloseManner } from './hub-core/session/device-connection.ts'
import type { HubMeter } from './hub-core/throttle/meter.ts'
import type { Endpoint } from './transports/endpoint.ts'

/** What a device identity is made with. */
export interface CreateDeviceOptions {
  /** Default: enabled. */
  readonly status?: IdentityStatus | undefined
  /** Both keys, Base64 of 16 to 64 bytes. Default: fresh random keys. */
  readonly symmetricKey?: SymmetricKeyPair | undefined
  /**
   * In place of keys: the thumbprints of its certificates (SHA-1 or SHA-256, hexadecimal without separators), or any certificate
   * for its name from an authority that the hub was given.
   */
  readonly x509?: CertificateThumbprints | 'certificateAuthority' | undefined
}

/** The certificates of a device, either of which will do. */
export interface CertificateThumbprints {
  readonly primaryThumbprint: string
  readonly secondaryThumbprint?: string | undefined
}

/** What a module identity is made with. */
export type CreateModuleOptions = Omit<CreateDeviceOptions, 'status'>

/** What a connection string says. */
export interface ConnectionStringOptions {
  /**
   * Whether it leads to the endpoint for MQTT over TLS. Default: true. Without, it is like that of a real hub, for clients that
   * are led here by other means, such as an agent.
   */
  readonly gateway?: boolean | undefined
}

/** An IoT Hub that runs in this process. Obtained from `startLocalHub`. */
export interface LocalHub extends AsyncDisposable {
  /** The name by which clients know the hub. It is not in any DNS; the connection strings and agents lead to the endpoints. */
  readonly hostName: string
  /** Where MQTT over TLS is served. */
  readonly mqttEndpoint: Endpoint
  /** Where the service REST API is served. */
  readonly httpsEndpoint: Endpoint
  /** Where AMQP clients are told that they are not served. Clients look for it on port 5671. */
  readonly amqpEndpoint: Endpoint
  /** The certificate authority that clients must trust, PEM. It exists as long as the hub, or as its folder. */
  readonly caCertificate: string

  /** Makes things go wrong on purpose. */
  readonly faults: HubFaults
  /** Counts operations, and the messages that the real service would bill. */
  readonly meter: HubMeter

  /**
   * The connection string of a back end.
   *
   * @param policy the shared access policy; default `iothubowner`.
   * @throws RangeError when there is no such policy.
   */
  connectionString(policy?: PolicyName): string

  /**
   * Creates a device identity and returns the connection string of the device.
   *
   * @throws HubError when the id is illegal or taken, or a key malformed.
   */
  createDevice(deviceId: string, options?: CreateDeviceOptions): Promise<string>

  /**
   * The connection string of a device that exists. It leads the device client here by `GatewayHostName`; that of a device with a
   * certificate by `HostName`.
   *
   * @throws HubError `DeviceNotFound` when there is none.
   */
  deviceConnectionString(deviceId: string, options?: ConnectionStringOptions): string

  /**
   * Creates a module identity on a device and returns the connection string of the module.
   *
   * @throws HubError when there is no such device, or the id is illegal or taken, or a key malformed.
   */
  createModule(deviceId: string, moduleId: string, options?: CreateModuleOptions): Promise<string>

  /**
   * The connection string of a module that exists.
   *
   * @throws HubError `DeviceNotFound` or `ModuleNotFound` when there is none.
   */
  moduleConnectionString(deviceId: string, moduleId: string, options?: ConnectionStringOptions): string

  /**
   * Trusts a certificate authority, root or intermediate: devices of the kind `certificateAuthority` may then connect with a
   * certificate that it signed and whose common name is their id (`deviceId/moduleId` for a module).
   *
   * @param pem its certificate.
   * @throws TypeError by the promise when it is not the certificate of an authority.
   */
  addCertificateAuthority(pem: string): Promise<void>

  /** An agent that leads the service client here: endpoint, certificate authority and server name. */
  httpsAgent(): Agent

  /**
   * Leads an official service client here, and returns it. A client made for a real hub, from the same code, needs no such call.
   *
   * @param client a `Registry`, `Client` or `JobClient` of azure-iothub.
   * @throws TypeError when it is none of these.
   *
   * @example
   * const registry = hub.route(Registry.fromConnectionString(hub.connectionString()))
   */
  route<TClient extends object>(client: TClient): TClient

  /**
   * Sends a message to a device, as a back end does over AMQP, which this hub does not speak. It waits in the queue of the device until
   * the device gets it over MQTT or HTTP, or its time is up.
   *
   * @returns the id of the message, when it is in the queue.
   * @throws HubError by the promise when there is no such device, its queue is full, or the message breaks a limit.
   *
   * @example
   * await hub.sendMessage('cam-1', { payload: 'wake up', properties: { urgency: 'high' }, timeToLiveInMs: 60_000 })
   */
  sendMessage(deviceId: string, message: MessageRequest): Promise<string>

  /**
   * Cuts the connection of a device, in order (`fin`, the default) or with a TCP reset (`rst`). Nothing happens when it has none.
   * A module is named `deviceId/moduleId`.
   */
  disconnect(deviceId: string, manner?: CloseManner): void

  /**
   * Forgets what a device is subscribed to, as a hub does that lost its session. An open connection stays open, and silent.
   * A module is named `deviceId/moduleId`.
   */
  loseSession(deviceId: string): void

  /** Like {@link disconnect}, for every device and module. */
  disconnectAll(manner?: CloseManner): void

  /** Like {@link loseSession}, for every device and module. */
  loseAllSessions(): void

  /** Calls the listener with everything that happens in the hub, until the function returned is called. */
  subscribe(listener: HubEventListener): () => void

  /**
   * Waits for the next event of a type.
   *
   * @param matches which of them; default: any.
   * @throws Error by the promise when the hub closes first.
   *
   * @example
   * await hub.waitFor('deviceConnected', event => event.deviceId === 'cam-1')
   */
  waitFor<TType extends HubEventType>(
    type: TType,
    matches?: (event: HubEventOf<TType>) => boolean,
  ): Promise<HubEventOf<TType>>

  /**
   * Goes away and comes back, on the same ports, with all it knows, subscriptions included. Connections are closed and calls ended.
   *
   * @throws Error by the promise when the hub is closed, or somebody took a port meanwhile.
   */
  restart(): Promise<void>

  /** Closes every connection and listener. Safe to call twice. */
  close(): Promise<void>
}
