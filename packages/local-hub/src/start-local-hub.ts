import { randomBytes } from 'node:crypto'
import type { Clock } from './hub-core/clock/clock.ts'
import { HubCore } from './hub-core/hub-core.ts'
import type { LocalHub } from './local-hub.ts'
import { RunningHub } from './running-hub.ts'
import { systemClock } from './system-clock.ts'
import { createServerCertificate } from './tls/server-certificate.ts'
import { loopbackHost } from './transports/endpoint.ts'
import { MqttGateway } from './transports/mqtt/mqtt-gateway.ts'
import { startMqttTransport } from './transports/mqtt/mqtt-transport.ts'
import { startWebSocketTransport } from './transports/mqtt/web-socket-transport.ts'
import { startRestTransport } from './transports/rest/rest-transport.ts'

/** How a local hub is started. */
export interface LocalHubOptions {
  /** The name by which clients know the hub. Default: `local-hub.azure-devices.net`. */
  readonly hostName?: string | undefined
  /** Where time comes from: token expiry, time-outs, time stamps. Default: real time. */
  readonly clock?: Clock | undefined
  /** The port for MQTT over TLS. Default: 0, any free port. */
  readonly mqttPort?: number | undefined
  /** The port for the REST API. Default: 0, any free port. */
  readonly httpsPort?: number | undefined
}

/**
 * Starts an IoT Hub in this process, on 127.0.0.1, with its own certificate authority and keys. It is empty and forgets everything
 * when it closes.
 *
 * @throws Error by the promise when a port is taken.
 *
 * @example
 * await using hub = await startLocalHub()
 * const device = Client.fromConnectionString(await hub.createDevice('cam-1'), Mqtt)
 * await device.setOptions({ ca: hub.caCertificate })
 * await device.open()
 */
export async function startLocalHub(options: LocalHubOptions = {}): Promise<LocalHub> {
  const { hostName = 'local-hub.azure-devices.net', clock = systemClock, mqttPort = 0, httpsPort = 0 } = options
  const hostNames = [hostName, 'localhost', loopbackHost]
  const certificate = await createServerCertificate(hostNames)
  const core = new HubCore({ hostNames, clock, random: randomBytes })
  const gateway = new MqttGateway(core, clock)
  const mqtt = await startMqttTransport(gateway, certificate, mqttPort)
  try {
    const rest = await startRestTransport(core, certificate, httpsPort)
    const webSocket = startWebSocketTransport(gateway, rest)
    return new RunningHub({ hostName, core, mqtt, rest, webSocket, caCertificate: certificate.caCertificate })
  } catch (error) {
    await mqtt.close()
    throw error
  }
}
