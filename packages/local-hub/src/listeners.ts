import type { HubCore } from './hub-core/hub-core.ts'
import type { ServerCertificate } from './tls/server-certificate.ts'
import { refuseAmqpClient, startAmqpRefusalTransport } from './transports/amqp/amqp-refusal-transport.ts'
import type { ClientChannel } from './transports/client-channel.ts'
import type { Endpoint } from './transports/endpoint.ts'
import type { MqttGateway } from './transports/mqtt/mqtt-gateway.ts'
import { startMqttTransport } from './transports/mqtt/mqtt-transport.ts'
import { startRestTransport } from './transports/rest/rest-transport.ts'
import type { Transport } from './transports/transport.ts'
import { startWebSocketTransport } from './transports/web-socket-transport.ts'

/** What the listeners of a hub are made with. */
export interface ListenersOptions {
  readonly core: HubCore
  readonly gateway: MqttGateway
  readonly certificate: ServerCertificate
  /** Where MQTT over TLS is to be served; port 0 for any free one. */
  readonly mqtt: Endpoint
  /** Where the REST API and MQTT over WebSocket are to be served. */
  readonly https: Endpoint
  /** Where AMQP clients are to be told that they are not served. */
  readonly amqp: Endpoint
}

/** The ways into a running hub. */
export interface Listeners {
  readonly mqtt: Endpoint
  readonly https: Endpoint
  readonly amqp: Endpoint
  /** Closes them and every connection on them. */
  close(): Promise<void>
}

/**
 * Starts to serve a core on its ports.
 *
 * @throws Error by the promise when a port cannot be had; nothing listens then.
 */
export async function openListeners(options: ListenersOptions): Promise<Listeners> {
  const { core, gateway, certificate } = options
  const opened: Transport[] = []
  const keep = <TTransport extends Transport>(transport: TTransport): TTransport => {
    opened.push(transport)
    return transport
  }
  const close = async (): Promise<void> => {
    await Promise.all(opened.map(transport => transport.close()))
  }
  try {
    const mqtt = keep(await startMqttTransport(gateway, certificate, options.mqtt, core.faults.bytes))
    const amqp = keep(await startAmqpRefusalTransport(certificate, options.amqp))
    const rest = keep(await startRestTransport(core, certificate, options.https))
    const subprotocols = new Map([
      ['mqtt', (channel: ClientChannel) => gateway.serve(channel)],
      ['AMQPWSB10', (channel: ClientChannel) => refuseAmqpClient(channel.stream)],
    ])
    keep(startWebSocketTransport(rest, subprotocols))
    return { mqtt: mqtt.endpoint, https: rest.endpoint, amqp: amqp.endpoint, close }
  } catch (error) {
    await close()
    throw error
  }
}
