import type { JsonObject } from '@iothub-dm/protocol'
import azureDevice, { type Client, type SharedAccessKeyAuthenticationProvider } from 'azure-iot-device'
import azureDeviceMqtt from 'azure-iot-device-mqtt'
import type { IClientOptions, MqttClient } from 'mqtt'
import type { Clock } from '../connection/clock.ts'
import { HubConnectionError } from '../connection/errors.ts'
import type { DeviceTwin, HubCallOptions } from '../connection/hub-connection.ts'
import type { HubLink, HubLinkListener } from '../connection/hub-link.ts'
import { settledWithin } from '../connection/settled-within.ts'
import type { TokenRenewal } from './azure-connection-options.ts'
import { HubSession } from './hub-session.ts'
import { hubEndpoint, type MqttConnection, openMqttConnection } from './mqtt-connection.ts'
import { QuietMqttBase } from './quiet-mqtt-base.ts'

/** Settings of an {@link AzureLink}. */
export interface AzureLinkOptions {
  readonly connectionString: string
  /** Where to connect to, if not to the host of the connection string. */
  readonly endpoint?: { readonly host: string; readonly port: number } | undefined
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | undefined
  readonly keepAliveInSeconds: number
  readonly tokenRenewal?: TokenRenewal | undefined
  readonly connectTimeoutInMs: number
  readonly requestTimeoutInMs: number
  readonly clock: Clock
}

/** Longest wait for the goodbye to the hub, in milliseconds. */
const closeTimeoutInMs = 1_000

const noRetry = { shouldRetry: () => false, nextRetryTimeout: () => -1 }

/**
 * The life of one azure-iot-device client. The client signs and renews the SAS tokens and makes the MQTT connections;
 * each of them is one session. The SDK's own retrying is off, and nothing of it is used twice (traps 1-10).
 */
export class AzureLink implements HubLink {
  readonly #listener: HubLinkListener
  readonly #options: AzureLinkOptions
  readonly #credentials: SharedAccessKeyAuthenticationProvider
  readonly #client: Client
  #session: HubSession | undefined
  #connection: MqttConnection | undefined
  #ended = false

  constructor(listener: HubLinkListener, options: AzureLinkOptions) {
    this.#listener = listener
    this.#options = options
    const { connectionString, tokenRenewal } = options
    this.#credentials = azureDevice.SharedAccessKeyAuthenticationProvider.fromConnectionString(
      connectionString,
      tokenRenewal?.validInSeconds,
      tokenRenewal?.marginInSeconds,
    )
    const provider = { connect: (uri: string, mqttOptions: IClientOptions) => this.#connect(uri, mqttOptions) }
    const transport = new azureDeviceMqtt.Mqtt(this.#credentials, new QuietMqttBase(provider))
    this.#client = new azureDevice.Client(transport)
    this.#client.setRetryPolicy(noRetry)
    // An `error` event that nobody listens to ends the process (traps 13 and 17).
    const fail = () => this.#end(new HubConnectionError('HubUnavailable', 'the client of the hub failed'))
    this.#credentials.on('error', fail)
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
    if (this.#ended) return
    this.#ended = true
    this.#session?.end(new HubConnectionError('ConnectionClosed', 'the connection to the hub was closed by its owner'))
    // Without this, the renewal of the token would bring the client back from the dead (trap 7).
    this.#credentials.stop()
    // The SDK may never finish its goodbye (trap 8).
    await settledWithin(this.#client.close(), closeTimeoutInMs, this.#options.clock)
    this.#connection?.socket.destroy()
  }

  #currentSession(): HubSession {
    if (this.#session === undefined) throw new HubConnectionError('ConnectionLost', 'there is no session with the hub')
    return this.#session
  }

  /** The SDK's only way to the network: called for the first connection and for every renewal of the SAS token. */
  #connect(uri: string, mqttOptions: IClientOptions): MqttClient {
    // A renewal may find the old connection still there, when the hub no longer reads.
    this.#connection?.socket.destroy()

    const { endpoint, ca, keepAliveInSeconds, connectTimeoutInMs, requestTimeoutInMs, clock } = this.#options
    const target = hubEndpoint(uri, endpoint, ca)
    const connection = openMqttConnection(target, { ...mqttOptions, keepalive: keepAliveInSeconds })
    this.#connection = connection
    // The SDK may take its time before it connects; then it must find nothing (trap 7).
    if (this.#ended) connection.socket.destroy()
    this.#session = new HubSession(
      connection,
      {
        onMethod: call => this.#listener.onMethod(call),
        onDesired: (patch, version) => this.#listener.onDesired(patch, version),
        onReady: () => this.#listener.onSession(),
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

  #end(reason: HubConnectionError): void {
    if (this.#ended) return
    this.#ended = true
    this.#session?.end(reason)
    this.#connection?.socket.destroy()
    this.#listener.onEnd(reason)
  }
}
