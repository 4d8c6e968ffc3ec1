import type { QoS } from 'mqtt-packet'
import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import type { CloseReason } from '../../hub-core/session/device-connection.ts'
import type { SubscriptionQos } from '../../hub-core/session/subscription.ts'
import type { MqttConnection } from './mqtt-connection.ts'
import type { ClientPacket, ClientPacketOf } from './protocol/client-packet.ts'
import type { PacketStream } from './protocol/packet-stream.ts'
import { handlePublication } from './publication-handler.ts'
import { type DevicePublication, marked, parsePublishTopic } from './publish-topic.ts'
import { subscriptionOf } from './subscription-filter.ts'
import type { Will } from './will.ts'

/** Largest message a device may publish, properties included (wire reference 1.12). */
const maxMessageInBytes = 256 * 1024
const refusedFilter = 0x80

/**
 * What a connected device or module does. What is not allowed ends the connection: MQTT 3.1.1 knows no other answer.
 */
export class ConnectedDevice {
  readonly #core: HubCore
  readonly #connection: MqttConnection
  readonly #packets: PacketStream
  #will: Will | undefined
  /** Settles when every publish so far is acknowledged: that happens in the order in which they came (MQTT 3.1.1, 4.6). */
  #acknowledged: Promise<void> = Promise.resolve()

  constructor(core: HubCore, connection: MqttConnection, packets: PacketStream, will: Will | undefined) {
    this.#core = core
    this.#connection = connection
    this.#packets = packets
    this.#will = will
  }

  received(packet: ClientPacket): void {
    switch (packet.cmd) {
      case 'publish':
        this.#publish(packet)
        break
      case 'subscribe':
        this.#subscribe(packet)
        break
      case 'unsubscribe':
        this.#unsubscribe(packet)
        break
      case 'pingreq':
        this.#packets.send({ cmd: 'pingresp' })
        break
      case 'puback':
        this.#connection.acknowledged(packet.messageId)
        break
      case 'disconnect':
        this.#will = undefined
        this.#packets.end('closedByClient')
        break
      case 'connect':
        this.#packets.end('protocolViolation')
        break
    }
  }

  ended(reason: CloseReason): void {
    this.#core.sessions.disconnect(this.#connection, reason)
    if (this.#will === undefined || reason === 'hubClosing') return
    const { publication, payload } = this.#will
    // A will that the hub does not take is lost: nobody is there to be told.
    handlePublication(this.#core, this.#connection, publication, payload).catch(() => {})
  }

  #publish(packet: ClientPacketOf<'publish'>): void {
    const { topic, qos, messageId } = packet
    const payload = Buffer.from(packet.payload)
    const publication = parsePublishTopic(topic, this.#connection.identity)
    if (publication === undefined || qos === 2 || Buffer.byteLength(topic) + payload.length > maxMessageInBytes) {
      this.#packets.end('protocolViolation')
      return
    }
    const handled = handlePublication(this.#core, this.#connection, withFlags(publication, packet), payload)
    const acknowledge = async (): Promise<void> => {
      const reply = await handled
      // The acknowledgement says that the hub has done what was asked.
      if (messageId !== undefined) this.#packets.send({ cmd: 'puback', messageId })
      if (reply !== undefined) this.#connection.publish(reply.topic, reply.payload)
    }
    // It may fail before its turn to be acknowledged has come.
    handled.catch(() => {})
    this.#acknowledged = this.#acknowledged.then(acknowledge).catch((error: unknown) => this.#fail(error))
  }

  /** A message that the hub does not take has no other answer than the end of the connection. */
  #fail(error: unknown): void {
    if (error instanceof HubError) this.#packets.end('throttled')
    else this.#packets.fail(error)
  }

  #subscribe({ messageId, subscriptions }: ClientPacketOf<'subscribe'>): void {
    const { identity } = this.#connection
    const wanted = subscriptions.map(({ topic, qos }) => ({
      subscription: subscriptionOf(topic, identity),
      qos: grantedQos(qos),
    }))
    const granted = wanted.map(({ subscription, qos }) => (subscription === undefined ? refusedFilter : qos))
    this.#packets.send({ cmd: 'suback', messageId, granted })
    // After SUBACK, because the hub may have something to send at once.
    for (const { subscription, qos } of wanted) {
      if (subscription !== undefined) this.#core.sessions.subscribe(this.#connection, subscription, qos)
    }
  }

  #unsubscribe({ messageId, unsubscriptions }: ClientPacketOf<'unsubscribe'>): void {
    for (const topicFilter of unsubscriptions) {
      const subscription = subscriptionOf(topicFilter, this.#connection.identity)
      if (subscription !== undefined) this.#core.sessions.unsubscribe(this.#connection, subscription)
    }
    this.#packets.send({ cmd: 'unsuback', messageId, granted: [] })
  }
}

/** The hub takes no part in QoS 2 (wire reference 1.11). */
function grantedQos(asked: QoS): SubscriptionQos {
  return asked === 0 ? 0 : 1
}

/** The hub retains nothing; it tells by properties how a message was published (wire reference 1.12). */
function withFlags(publication: DevicePublication, { retain, dup }: ClientPacketOf<'publish'>): DevicePublication {
  if (publication.kind !== 'telemetry') return publication
  const retained = retain ? marked(publication, 'mqtt-retain=true') : publication
  return dup ? marked(retained, 'mqtt-dup=true') : retained
}
