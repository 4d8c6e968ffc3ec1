import { randomBytes } from 'node:crypto'
import type { Clock } from './hub-core/clock/clock.ts'
import { HubCore } from './hub-core/hub-core.ts'
import type { HubTier } from './hub-core/throttle/hub-tier.ts'
import { type Listeners, openListeners } from './listeners.ts'
import type { LocalHub } from './local-hub.ts'
import { RunningHub } from './running-hub.ts'
import { systemClock } from './system-clock.ts'
import { createServerCertificate } from './tls/server-certificate.ts'
import { loopbackHost } from './transports/endpoint.ts'
import { MqttGateway } from './transports/mqtt/mqtt-gateway.ts'

/** How a local hub is started. */
export interface LocalHubOptions {
  /** The name by which clients know the hub. Default: `local-hub.azure-devices.net`. */
  readonly hostName?: string | undefined
  /** Where time comes from: token expiry, time-outs, time stamps. Default: real time. */
  readonly clock?: Clock | undefined
  /**
   * The address to listen on. Default: 127.0.0.1, so that nothing outside this machine reaches the hub. Anything else opens a hub
   * that is made for development to the network.
   */
  readonly host?: string | undefined
  /** The port for MQTT over TLS. Default: 0, any free port. */
  readonly mqttPort?: number | undefined
  /** The port for the REST API and for MQTT over WebSocket. Default: 0, any free port. */
  readonly httpsPort?: number | undefined
  /** How old the twins are that queries see; those of the real service lag behind. Default: 0, as they are. */
  readonly queryLagInMs?: number | undefined
  /** How big a hub it pretends to be: throttles and the daily quota. Default: nothing is limited. */
  readonly tier?: HubTier | undefined
}

/**
 * Starts an IoT Hub in this process, with its own certificate authority and keys. It is empty and forgets everything
 * when it closes.
 *
 * @throws Error by the promise when a port is taken; RangeError when the lag of queries is negative.
 *
 * @example
 * await using hub = await startLocalHub()
 * const device = Client.fromConnectionString(await hub.createDevice('cam-1'), Mqtt)
 * await device.setOptions({ ca: hub.caCertificate })
 * await device.open()
 */
export async function startLocalHub(options: LocalHubOptions = {}): Promise<LocalHub> {
  const {
    hostName = 'local-hub.azure-devices.net',
    host = loopbackHost,
    clock = systemClock,
    tier,
    queryLagInMs,
  } = options
  const hostNames = [...new Set([hostName, 'localhost', loopbackHost, host])]
  const certificate = await createServerCertificate(hostNames)
  const core = new HubCore({ hostNames, clock, random: randomBytes, tier, queryLagInMs })
  const gateway = new MqttGateway(core, clock)
  const open = (mqttPort: number, httpsPort: number): Promise<Listeners> =>
    openListeners({ core, gateway, certificate, mqtt: { host, port: mqttPort }, https: { host, port: httpsPort } })
  const listeners = await open(options.mqttPort ?? 0, options.httpsPort ?? 0)
  const reopen = (): Promise<Listeners> => open(listeners.mqtt.port, listeners.https.port)
  return new RunningHub({ hostName, core, listeners, reopen, caCertificate: certificate.caCertificate })
}
