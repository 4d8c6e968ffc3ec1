import type { JsonObject } from '@iothub-dm/protocol'
import azureDevice, { type Client } from 'azure-iot-device'
import azureDeviceMqtt from 'azure-iot-device-mqtt'
import type { MqttClient } from 'mqtt'
import type { Clock } from '../connection/clock.ts'
import { ClockSkewError, HubConnectionError } from '../connection/errors.ts'
import type { DeviceTwin, HubCallOptions } from '../connection/hub-connection.ts'
import type { HubLink, HubLinkListener } from '../connection/hub-link.ts'
import { settledWithin } from '../connection/settled-within.ts'
import { measureClockSkew } from './clock-skew.ts'
import { authenticationType, type DeviceAuthenticationProvider } from './credentials/authentication-provider.ts'
import { LinkCredentials } from './credentials/link-credentials.ts'
import { hubEndpoint, type TransportName, timeEndpoint } from './hub-endpoint.ts'
import { HubSession } from './hub-session.ts'
import { type MqttConnection, openMqttConnection, type SdkMqttOptions } from './mqtt-connection.ts'
import { QuietMqttBase } from './quiet-mqtt-base.ts'
import type { SharedConnection } from './shared-client/shared-connection.ts'
import type { RouteOptions } from './tls-socket.ts'

/** Settings of an {@link AzureLink}. */
export interface AzureLinkOptions extends RouteOptions {
  readonly credentials: DeviceAuthenticationProvider
  readonly transport: TransportName
  /** Where to connect to, if not to the host that the credentials name. */
  readonly endpoint?: { readonly host: string; readonly port: number } | undefined
  readonly keepAliveInSeconds: number
  readonly connectTimeoutInMs: number
  readonly requestTimeoutInMs: number
  /** Who else lives on the connection. */
  readonly sharedConnection?: SharedConnection | undefined
  readonly clock: Clock
}

/** Longest wait for the goodbye to the hub, in milliseconds. */
const closeTimeoutInMs = 1_000

/** How wrong the hub lets a device's clock be when it judges a token, in milliseconds (wire reference 1.4). */
const toleratedSkewInMs = 5 * 60 * 1_000

const noRetry = { shouldRetry: () => false, nextRetryTimeout: () => -1 }

/**
 * The life of one azure-iot-device client. The client asks for credentials and their renewal, and makes the MQTT connections;
 * each of them is one session. The SDK's own retrying is off, and nothing of it is used twice (traps 1-10).
 */
export class AzureLink implements HubLink {
  readonly #listener: HubLinkListener
  readonly #options: AzureLinkOptions
  readonly #credentials: LinkCredentials
  readonly #client: Client
  #session: HubSession | undefined
  #connection: MqttConnection | undefined
  #uri: string | undefined
  #ended = false
  #closed = false

  constructor(listener: HubLinkListener, options: AzureLinkOptions) {
    this.#listener = listener
    this.#options = options
    const { credentials, clock, connectTimeoutInMs } = options
    this.#credentials = new LinkCredentials(credentials, {
      clock,
      timeoutInMs: connectTimeoutInMs,
      // A provider may answer at once, and nobody may hear of a link that is still being made.
      onUnavailable: reason => queueMicrotask(() => this.#end(reason)),
    })
    const provider = { connect: (uri: string, mqttOptions: SdkMqttOptions) => this.#connect(uri, mqttOptions) }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the SDK calls the callback form alone
    const transport = new azureDeviceMqtt.Mqtt(this.#credentials as never, new QuietMqttBase(provider))
    this.#client = new azureDevice.Client(transport)
    this.#client.setRetryPolicy(noRetry)
    // An `error` event that nobody listens to ends the process (traps 13 and 17).
    const fail = () => this.#end(new HubConnectionError('HubUnavailable', 'the client of the hub failed'))
    this.#client.on('error', fail)
    this.#client.on('disconnect', fail)
    this.#client.open().catch(fail)
  }

  async readTwin(options?: HubCallOptions): Promise<DeviceTwin> {
    return await this.#currentSession().readTwin(options)
  }

  async updateReported(patch: JsonObject, options?: HubCallOptions): Promise<number> {
    return await this.#currentSession().updateReported(patch, options)
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#ended) return
    this.#ended = true
    this.#session?.end(new HubConnectionError('ConnectionClosed', 'the connection to the hub was closed by its owner'))
    this.#options.sharedConnection?.sessionEnded()
    // Without this, the renewal of the token would bring the client back from the dead (trap 7).
    this.#credentials.release()
    // The SDK may never finish its goodbye (trap 8).
    await settledWithin(this.#client.close(), closeTimeoutInMs, this.#options.clock)
    this.#connection?.socket.destroy()
  }

  #currentSession(): HubSession {
    if (this.#session === undefined) throw new HubConnectionError('ConnectionLost', 'there is no session with the hub')
    return this.#session
  }

  /** The SDK's only way to the network: called for the first connection and for every renewal of the SAS token. */
  #connect(uri: string, mqttOptions: SdkMqttOptions): MqttClient {
    this.#options.sharedConnection?.sessionEnded()
    // A renewal may find the old connection still there, when the hub no longer reads.
    this.#connection?.socket.destroy()

    const { transport, keepAliveInSeconds, connectTimeoutInMs, requestTimeoutInMs, clock } = this.#options
    const target = hubEndpoint(uri, transport, this.#options.endpoint)
    const connection = openMqttConnection(target, this.#options, { ...mqttOptions, keepalive: keepAliveInSeconds })
    this.#connection = connection
    this.#uri = uri
    // The SDK may take its time before it connects; then it must find nothing (trap 7).
    if (this.#ended) connection.socket.destroy()
    this.#session = new HubSession(
      connection,
      {
        onMethod: call => this.#listener.onMethod(call),
        onDesired: (patch, version) => this.#listener.onDesired(patch, version),
        onReady: () => this.#onReady(connection.client),
        onEnd: reason => this.#end(reason),
      },
      {
        hub: `${target.host}:${target.port}`,
        clock,
        connectTimeoutInMs,
        // With a ping every period, a dead peer is noticed within one and a half.
        pingTimeoutInMs: keepAliveInSeconds * 500,
        requestTimeoutInMs,
      },
    )
    return connection.client
  }

  #onReady(client: MqttClient): void {
    this.#listener.onSession()
    if (!this.#ended) this.#options.sharedConnection?.sessionBegan(client)
  }

  #end(reason: HubConnectionError): void {
    if (this.#ended) return
    this.#ended = true
    this.#session?.end(reason)
    this.#options.sharedConnection?.sessionEnded()
    this.#credentials.release()
    this.#connection?.socket.destroy()
    if (reason.code !== 'Unauthorized') this.#listener.onEnd(reason)
    else void this.#explained(reason).then(explained => this.#closed || this.#listener.onEnd(explained))
  }

  /** A hub does not say that it refuses a token for its time; so it is asked for its own. */
  async #explained(refusal: HubConnectionError): Promise<HubConnectionError> {
    const { transport, endpoint, clock } = this.#options
    const from = this.#uri === undefined ? undefined : timeEndpoint(this.#uri, transport, endpoint)
    if (from === undefined || this.#credentials.type !== authenticationType.token) return refusal
    const skewInMs = await measureClockSkew(from, this.#options, clock)
    return skewInMs === undefined || Math.abs(skewInMs) <= toleratedSkewInMs ? refusal : new ClockSkewError(skewInMs)
  }
}
