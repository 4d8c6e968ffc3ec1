import type { HubCore } from './hub-core/hub-core.ts'
import type { ServerCertificate } from './tls/server-certificate.ts'
import type { Endpoint } from './transports/endpoint.ts'
import type { MqttGateway } from './transports/mqtt/mqtt-gateway.ts'
import { startMqttTransport } from './transports/mqtt/mqtt-transport.ts'
import { startWebSocketTransport } from './transports/mqtt/web-socket-transport.ts'
import { startRestTransport } from './transports/rest/rest-transport.ts'

/** What the listeners of a hub are made with. */
export interface ListenersOptions {
  readonly core: HubCore
  readonly gateway: MqttGateway
  readonly certificate: ServerCertificate
  /** Where MQTT over TLS is to be served; port 0 for any free one. */
  readonly mqtt: Endpoint
  /** Where the REST API and MQTT over WebSocket are to be served. */
  readonly https: Endpoint
}

/** The ways into a running hub. */
export interface Listeners {
  readonly mqtt: Endpoint
  readonly https: Endpoint
  /** Closes them and every connection on them. */
  close(): Promise<void>
}

/**
 * Starts to serve a core on its two ports.
 *
 * @throws Error by the promise when a port cannot be had; nothing listens then.
 */
export async function openListeners(options: ListenersOptions): Promise<Listeners> {
  const { core, gateway, certificate } = options
  const mqtt = await startMqttTransport(gateway, certificate, options.mqtt, core.faults.bytes)
  try {
    const rest = await startRestTransport(core, certificate, options.https)
    const webSocket = startWebSocketTransport(gateway, rest)
    return {
      mqtt: mqtt.endpoint,
      https: rest.endpoint,
      close: async () => {
        await Promise.all([mqtt, webSocket, rest].map(transport => transport.close()))
      },
    }
  } catch (error) {
    await mqtt.close()
    throw error
  }
}
