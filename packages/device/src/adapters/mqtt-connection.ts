import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'

/** Where the hub is, and whom to trust. */
export interface HubEndpoint {
  readonly host: string
  readonly port: number
  /** Name that the hub's certificate must have. */
  readonly serverName: string
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | undefined
}

/** An MQTT client and the socket under it. */
export interface MqttConnection {
  readonly client: MqttClient
  readonly socket: TLSSocket
}

/** Port of MQTT over TLS (wire reference 1.1). */
const mqttPort = 8883

/**
 * Finds out where a connection goes.
 *
 * @param uri what the SDK made of the connection string: `mqtts://host[:port]`
 * @param target where to go instead; the certificate must still have the name in the URI
 */
export function hubEndpoint(
  uri: string,
  target: { readonly host: string; readonly port: number } | undefined,
  ca: string | undefined,
): HubEndpoint {
  const { hostname, port } = new URL(uri)
  return {
    host: target?.host ?? hostname,
    port: target?.port ?? (port === '' ? mqttPort : Number(port)),
    serverName: hostname,
    ca,
  }
}

/** Starts to connect. The client never reconnects by itself and tells all by its events. */
export function openMqttConnection(endpoint: HubEndpoint, options: IClientOptions): MqttConnection {
  const socket = connect({
    host: endpoint.host,
    port: endpoint.port,
    minVersion: 'TLSv1.2',
    ...(isIP(endpoint.serverName) === 0 ? { servername: endpoint.serverName } : {}),
    ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }),
  })
  // mqtt.js leaves Nagle's algorithm on, which delays every answer that follows another by an ACK (trap 18).
  socket.setNoDelay(true)
  const client = new mqtt.MqttClient(() => socket, { ...options, reconnectPeriod: 0 })
  return { client, socket }
}
