import { authenticationType, type DeviceAuthenticationProvider } from '../credentials/authentication-provider.ts'

/**
 * What the agent needs of a client of azure-iot-device 1.18 over azure-iot-device-mqtt 1.16. None of it is public; it is checked member
 * by member, so that another version is refused instead of misused.
 */
export interface ClientInternals {
  readonly credentials: DeviceAuthenticationProvider
  /** Whether it speaks MQTT over WebSocket. */
  readonly webSocket: boolean
  /** Whether it has ever connected, or is about to. */
  readonly opened: boolean
  /** Makes it reach the network by this, and show these credentials. */
  readonly rewire: (mqttProvider: object, credentials: DeviceAuthenticationProvider) => void
}

/**
 * Looks into a `Client` or `ModuleClient`.
 *
 * @returns undefined when it is none, or not one over MQTT
 */
export function clientInternals(client: unknown): ClientInternals | undefined {
  const transport = member(client, '_transport')
  const base = member(transport, '_mqtt')
  const credentials = member(transport, '_authenticationProvider')
  const state = member(member(transport, '_fsm'), 'state')
  if (!isObject(transport) || !isObject(base) || !('mqttProvider' in base) || typeof state !== 'string')
    return undefined
  if (!isProvider(credentials)) return undefined
  return {
    credentials,
    webSocket: transport.constructor.name === 'MqttWs',
    opened: state !== 'disconnected' || member(transport, '_firstConnection') !== true,
    rewire(mqttProvider, provider) {
      Object.assign(base, { mqttProvider })
      Object.assign(transport, { _authenticationProvider: provider })
    },
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function member(value: unknown, name: string): unknown {
  return isObject(value) ? Reflect.get(value, name) : undefined
}

function isProvider(value: unknown): value is DeviceAuthenticationProvider {
  return (
    typeof member(value, 'getDeviceCredentials') === 'function' &&
    Object.values<unknown>(authenticationType).includes(member(value, 'type'))
  )
}
