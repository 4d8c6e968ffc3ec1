import type { Clock } from './hub-core/clock/clock.ts'
import { HubCore } from './hub-core/hub-core.ts'
import type { HubTier } from './hub-core/throttle/hub-tier.ts'
import { type Listeners, openListeners } from './listeners.ts'
import type { LocalHub } from './local-hub.ts'
import { RunningHub } from './running-hub.ts'
import { StateFolder } from './storage/state-folder.ts'
import { systemClock } from './system-clock.ts'
import { systemRandom } from './system-random.ts'
import { createAuthority } from './tls/certificate-authority.ts'
import { issueServerCertificate } from './tls/server-certificate.ts'
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
  /** The port on which AMQP clients are told that they are not served. Default: 0, any free port. */
  readonly amqpPort?: number | undefined
  /**
   * Whether any bearer token opens the service API, for programs that sign in with Microsoft Entra: the hub cannot check one, so it
   * takes all. Default: none is taken.
   */
  readonly acceptBearerTokens?: boolean | undefined
  /** How old the twins are that queries see; those of the real service lag behind. Default: 0, as they are. */
  readonly queryLagInMs?: number | undefined
  /** How often configurations are evaluated, besides whenever one is written. Default: 5 minutes, as on the real service. */
  readonly configurationPeriodInMs?: number | undefined
  /** How big a hub it pretends to be: throttles and the daily quota. Default: nothing is limited. */
  readonly tier?: HubTier | undefined
  /**
   * A folder in which the hub keeps identities, twins, keys and its certificate authority from one start to the next. Changes are
   * on disk before they are acknowledged. Default: the hub forgets everything when it closes.
   */
  readonly data?: string | undefined
}

/** A certificate authority that lives in memory is gone long before. */
const authorityLifetimeInDays = 7

/**
 * Starts an IoT Hub in this process, with its own certificate authority and keys. Unless it has a folder for
 * its data, it is empty and forgets everything when it closes.
 *
 * @throws Error by the promise when a port is taken or the folder cannot be used; RangeError when the lag of
 * queries is negative or the period of configurations is not positive.
 *
 * @example
 * await using hub = await startLocalHub()
 * const device = Client.fromConnectionString(await hub.createDevice('cam-1'), Mqtt)
 * await device.setOptions({ ca: hub.caCertificate })
 * await device.open()
 */
export async function startLocalHub(options: LocalHubOptions = {}): Promise<LocalHub> {
  const folder = options.data === undefined ? undefined : await StateFolder.open(options.data)
  try {
    return await start(options, folder)
  } catch (error) {
    await folder?.close()
    throw error
  }
}

async function start(options: LocalHubOptions, folder: StateFolder | undefined): Promise<LocalHub> {
  const { hostName = 'local-hub.azure-devices.net', host = loopbackHost, clock = systemClock } = options
  const {
    tier,
    queryLagInMs,
    configurationPeriodInMs,
    acceptBearerTokens,
    mqttPort = 0,
    httpsPort = 0,
    amqpPort = 0,
  } = options
  const hostNames = [...new Set([hostName, 'localhost', loopbackHost, host])]
  const authority = await (folder?.authority() ?? createAuthority(authorityLifetimeInDays))
  const certificate = await issueServerCertificate(authority, hostNames)
  const core = new HubCore({
    hostNames,
    clock,
    random: systemRandom(),
    tier,
    queryLagInMs,
    configurationPeriodInMs,
    acceptBearerTokens,
  })
  if (folder !== undefined) {
    core.durable.restore(await folder.readEntries())
    await folder.keep(core.durable)
  }
  const gateway = new MqttGateway(core, clock)
  const open = (ports: HubPorts): Promise<Listeners> =>
    openListeners({
      core,
      gateway,
      certificate,
      mqtt: { host, port: ports.mqtt },
      https: { host, port: ports.https },
      amqp: { host, port: ports.amqp },
    })
  const listeners = await open({ mqtt: mqttPort, https: httpsPort, amqp: amqpPort })
  core.resume()
  return new RunningHub({
    hostName,
    core,
    listeners,
    reopen: () => open({ mqtt: listeners.mqtt.port, https: listeners.https.port, amqp: listeners.amqp.port }),
    caCertificate: certificate.caCertificate,
    release: async () => folder?.close(),
  })
}

interface HubPorts {
  readonly mqtt: number
  readonly https: number
  readonly amqp: number
}
