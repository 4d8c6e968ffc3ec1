import type { Client } from 'aedes'
import type { IdentityKey } from '../../hub-core/identity/identity-key.ts'
import type { JsonObject } from '../../hub-core/json/json.ts'
import type {
  CloseManner,
  CloseReason,
  DeviceConnection,
  OutgoingMethodRequest,
} from '../../hub-core/session/device-connection.ts'
import { hubTopic } from './hub-topic.ts'

/** The connection of one device over MQTT. */
export class MqttConnection implements DeviceConnection {
  readonly identity: IdentityKey
  readonly #client: Client
  readonly #reset: () => void

  /** @param reset breaks the TCP connection without a farewell. */
  constructor(identity: IdentityKey, client: Client, reset: () => void) {
    this.identity = identity
    this.#client = client
    this.#reset = reset
  }

  sendMethodRequest({ requestId, methodName, payloadText }: OutgoingMethodRequest): void {
    this.publish(hubTopic.methodRequest(methodName, requestId), payloadText)
  }

  sendDesiredPatch(patch: JsonObject, version: number): void {
    this.publish(hubTopic.desiredPatch(version), JSON.stringify({ ...patch, $version: version }))
  }

  close(_reason: CloseReason, manner: CloseManner): void {
    if (manner === 'rst') this.#reset()
    this.#client.close()
  }

  /** Sends at QoS 0, as the hub does with twins and methods. A client that has gone misses it. */
  publish(topic: string, payload: string): void {
    this.#client.publish({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }, () => {})
  }
}
