import type { DeviceAuthenticationProvider } from '../credentials/authentication-provider.ts'
import type { TransportName } from '../hub-endpoint.ts'
import { clientInternals } from './client-internals.ts'
import { SharedConnection } from './shared-connection.ts'

/** A client of azure-iot-device: `Client` or `ModuleClient`. */
export interface AzureDeviceClient {
  open(): unknown
  sendEvent(message: never): unknown
}

/** What an agent takes from a client. */
export interface TakenOverClient {
  readonly credentials: DeviceAuthenticationProvider
  readonly transport: TransportName
  readonly sharedConnection: SharedConnection
}

const taken = new WeakSet<object>()

/**
 * Puts a client of the SDK onto the agent's connection: a hub takes one connection of a device, and closes the one before.
 *
 * @throws TypeError when it is not a client over MQTT, was opened before, or has an agent already
 */
export function takeOverClient(client: AzureDeviceClient): TakenOverClient {
  const internals = clientInternals(client)
  const otherwise = 'pass its authentication provider to DeviceAgent.fromAuthenticationProvider() instead'
  if (internals === undefined) {
    throw new TypeError(
      `the client must be a Client or ModuleClient of azure-iot-device 1.18 over Mqtt or MqttWs of azure-iot-device-mqtt; ${otherwise}`,
    )
  }
  if (taken.has(client)) throw new TypeError('the client has an agent already; there can be one')
  if (internals.opened) {
    throw new TypeError(`the client must not have been opened before the agent is made; close it, and ${otherwise}`)
  }
  const { credentials, webSocket, rewire } = internals
  const sharedConnection = new SharedConnection()
  const itsCredentials = {
    type: credentials.type,
    getDeviceCredentials: credentials.getDeviceCredentials.bind(credentials),
    // The program may close its client while the agent goes on.
    stop: () => {},
  }
  rewire(sharedConnection, itsCredentials)
  taken.add(client)
  return { credentials, transport: webSocket ? 'mqtt-websocket' : 'mqtt', sharedConnection }
}
