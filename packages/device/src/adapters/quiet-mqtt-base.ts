import azureMqttBase from 'azure-iot-mqtt-base'

/**
 * The SDK's MQTT layer without its incoming messages. The SDK's handlers take them on the next tick, where a malformed
 * one is an uncaught exception (trap 24); {@link HubSession} reads them from mqtt.js instead.
 */
export class QuietMqttBase extends azureMqttBase.MqttBase {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    return event === 'message' ? false : super.emit(event, ...args)
  }
}
