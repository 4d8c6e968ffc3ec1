import azureMqttBase from 'azure-iot-mqtt-base'
import type mqtt from 'mqtt'

/** The part of mqtt.js that is used. */
export type MqttLibrary = Pick<typeof mqtt, 'connect' | 'MqttClient'>

let library: MqttLibrary | undefined

/**
 * mqtt.js as the SDK has it: the very copy, whatever version the program has beside it, and loaded no sooner than the SDK does, with the
 * first connection.
 */
export function mqttLibrary(): MqttLibrary {
  library ??= ofSdk(Reflect.get(new azureMqttBase.MqttBase(), 'mqttProvider'))
  return library
}

function ofSdk(provider: unknown): MqttLibrary {
  if (!isMqttLibrary(provider)) throw new TypeError('azure-iot-mqtt-base 1.13 has no mqtt.js 4')
  return provider
}

function isMqttLibrary(provider: unknown): provider is MqttLibrary {
  return typeof provider === 'object' && provider !== null && 'connect' in provider && 'MqttClient' in provider
}
