import type { LockedMessage } from '../../hub-core/cloud-to-device/cloud-to-device-message.ts'
import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { hubTopic } from './hub-topic.ts'
import type { PacketStream } from './protocol/packet-stream.ts'

const maxTopicInBytes = 65_535
const maxMessageId = 65_535

/**
 * Delivers cloud-to-device messages on one connection. The acknowledgement of MQTT completes a message; MQTT knows no other
 * answer (wire reference 1.14).
 */
export class CloudToDeviceInbox {
  readonly #core: HubCore
  readonly #deviceId: string
  readonly #packets: PacketStream
  /** The locks of what is not acknowledged yet, by the message id of its packet. */
  readonly #locks = new Map<number, string>()

  constructor(core: HubCore, deviceId: string, packets: PacketStream) {
    this.#core = core
    this.#deviceId = deviceId
    this.#packets = packets
  }

  deliver(message: LockedMessage): void {
    const topic = hubTopic.cloudToDevice(this.#deviceId, message)
    if (Buffer.byteLength(topic) > maxTopicInBytes) {
      this.#core.cloudToDevice.reject(this.#deviceId, message.lockToken)
      return
    }
    const packet = { cmd: 'publish', topic, payload: Buffer.from(message.payload), retain: false } as const
    if (this.#core.sessions.qosOf(this.#deviceId, 'cloudToDeviceMessages') === 0) {
      this.#packets.send({ ...packet, qos: 0, dup: false })
      this.#complete(message.lockToken)
      return
    }
    const messageId = this.#messageIdFor(message)
    this.#locks.set(messageId, message.lockToken)
    this.#packets.send({ ...packet, qos: 1, dup: message.deliveryCount > 0, messageId })
  }

  acknowledged(messageId: number): void {
    const lockToken = this.#locks.get(messageId)
    if (lockToken === undefined) return
    this.#locks.delete(messageId)
    this.#complete(lockToken)
  }

  #complete(lockToken: string): void {
    try {
      this.#core.cloudToDevice.complete(this.#deviceId, lockToken)
    } catch (error) {
      // It has expired or was purged in the meantime.
      if (!(error instanceof HubError)) throw error
    }
  }

  /** The same when a message is delivered again, as MQTT 3.1.1 wants it (4.4), but for collisions. */
  #messageIdFor({ sequenceNumber }: LockedMessage): number {
    let messageId = (sequenceNumber % maxMessageId) + 1
    while (this.#locks.has(messageId)) messageId = (messageId % maxMessageId) + 1
    return messageId
  }
}
