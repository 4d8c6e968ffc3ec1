import type { LockedMessage } from '../../hub-core/cloud-to-device/cloud-to-device-message.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import type { IdentityKey } from '../../hub-core/identity/identity-key.ts'
import { formatJson } from '../../hub-core/json/format-json.ts'
import type { JsonObject } from '../../hub-core/json/json.ts'
import type {
  CloseManner,
  CloseReason,
  DeviceConnection,
  OutgoingMethodRequest,
} from '../../hub-core/session/device-connection.ts'
import { CloudToDeviceInbox } from './cloud-to-device-inbox.ts'
import { hubTopic } from './hub-topic.ts'
import type { PacketStream } from './protocol/packet-stream.ts'

/** The connection of one device or module over MQTT, as the hub core sees it. */
export class MqttConnection implements DeviceConnection {
  readonly identity: IdentityKey
  readonly #core: HubCore
  readonly #packets: PacketStream
  #inbox: CloudToDeviceInbox | undefined

  constructor(core: HubCore, identity: IdentityKey, packets: PacketStream) {
    this.#core = core
    this.identity = identity
    this.#packets = packets
  }

  sendMethodRequest({ requestId, methodName, payloadText }: OutgoingMethodRequest): void {
    this.publish(hubTopic.methodRequest(methodName, requestId), payloadText)
  }

  sendDesiredPatch(patch: JsonObject, version: number): void {
    this.publish(hubTopic.desiredPatch(version), formatJson({ ...patch, $version: version }))
  }

  sendCloudToDeviceMessage(message: LockedMessage): void {
    this.#inbox ??= new CloudToDeviceInbox(this.#core, this.identity, this.#packets)
    this.#inbox.deliver(message)
  }

  /** The device has acknowledged a message of QoS 1. */
  acknowledged(messageId: number): void {
    this.#inbox?.acknowledged(messageId)
  }

  close(reason: CloseReason, manner: CloseManner): void {
    this.#packets.end(reason, manner)
  }

  /** Sends at QoS 0, as the hub does with twins and methods. A client that has gone misses it. */
  publish(topic: string, payload: string): void {
    this.#packets.send({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false })
  }
}
