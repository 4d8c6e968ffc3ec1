import { Agent } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { IClientOptions, MqttClient } from 'mqtt'
import type { HubEndpoint } from './hub-endpoint.ts'
import { mqttLibrary } from './mqtt-library.ts'
import { type DeviceCertificate, openTlsSocket, type RouteOptions } from './tls-socket.ts'

/** An MQTT client and the socket under it. */
export interface MqttConnection {
  readonly client: MqttClient
  readonly socket: TLSSocket
}

/** Options as the SDK gives them: with the certificate of the device, where it has one. */
export type SdkMqttOptions = Omit<IClientOptions, 'cert' | 'key'> & DeviceCertificate

/** Path of MQTT over WebSocket (wire reference 1.1). */
const webSocketPath = '/$iothub/websocket'

/** Starts to connect. The client never reconnects by itself and tells all by its events. */
export function openMqttConnection(
  endpoint: HubEndpoint,
  route: RouteOptions,
  { cert, key, passphrase, ...sdkOptions }: SdkMqttOptions,
): MqttConnection {
  const socket = openTlsSocket(endpoint, route, { cert, key, passphrase })
  const options = { ...sdkOptions, reconnectPeriod: 0 }
  const client =
    endpoint.transport === 'mqtt'
      ? new (mqttLibrary().MqttClient)(() => socket, options)
      : overWebSocket(endpoint, socket, options)
  return { client, socket }
}

/** WebSocket goes over the same TLS, and through the same proxy, as MQTT does by itself: the agent hands out the socket that is there. */
function overWebSocket({ serverName }: HubEndpoint, socket: TLSSocket, options: IClientOptions): MqttClient {
  const agent = new Agent()
  agent.createConnection = () => socket
  return mqttLibrary().connect(`wss://${serverName}${webSocketPath}`, { ...options, wsOptions: { agent } })
}
