import type { Client, PublishPacket } from 'aedes'
import type { ConnectRequest } from '../../hub-core/commands/session-commands.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { deviceKey } from '../../hub-core/identity/identity-key.ts'
import type { CloseReason } from '../../hub-core/session/device-connection.ts'
import { admitDevice } from './device-admission.ts'
import { MqttConnection } from './mqtt-connection.ts'
import { handlePublication } from './publication-handler.ts'
import { type DevicePublication, parsePublishTopic, type TelemetryPublication } from './publish-topic.ts'
import { subscriptionOf } from './subscription-filter.ts'

/** Largest message a device may publish, properties included (wire reference 1.12). */
const maxMessageInBytes = 256 * 1024

interface AdmittedClient {
  readonly connection: MqttConnection
  readonly request: ConnectRequest
}

/** Decides what the broker's clients may do, and hands what they do to the hub core. */
export class MqttGateway {
  readonly #core: HubCore
  readonly #admitted = new WeakMap<Client, AdmittedClient>()

  constructor(core: HubCore) {
    this.#core = core
  }

  /** Whether the client may connect. `reset` breaks its TCP connection. */
  admit(client: Client, userName: string | undefined, password: string | undefined, reset: () => void): boolean {
    const admission = admitDevice(this.#core, { clientId: client.id, userName, password })
    if (admission === undefined) return false
    const { modelId, expiresAtInMs } = admission
    const key = deviceKey(admission.deviceId)
    // Before the broker does it by itself, so that the reason is known.
    this.#core.sessions.closeConnection(key, 'replaced')
    this.#admitted.set(client, {
      connection: new MqttConnection(key, client, reset),
      request: { cleanSession: client.clean, modelId, expiresAtInMs },
    })
    return true
  }

  /** The client is about to get its CONNACK: from now on the hub may send to it. */
  connected(client: Client): void {
    const admitted = this.#admitted.get(client)
    if (admitted === undefined || client.conn.destroyed) return
    this.#core.sessions.connect(admitted.connection, admitted.request)
  }

  /** The client's connection is gone, or about to be closed by the broker. Only the first reason counts. */
  disconnected(client: Client, reason: CloseReason): void {
    const admitted = this.#admitted.get(client)
    if (admitted !== undefined) this.#core.sessions.disconnect(admitted.connection, reason)
  }

  maySubscribe(client: Client, topicFilter: string): boolean {
    return subscriptionOf(topicFilter, client.id) !== undefined
  }

  subscribed(client: Client, topicFilter: string): void {
    const subscription = subscriptionOf(topicFilter, client.id)
    const admitted = this.#admitted.get(client)
    if (subscription === undefined || admitted === undefined) return
    this.#core.sessions.subscribe(admitted.connection, subscription)
  }

  unsubscribed(client: Client, topicFilter: string): void {
    const subscription = subscriptionOf(topicFilter, client.id)
    const admitted = this.#admitted.get(client)
    if (subscription === undefined || admitted === undefined) return
    this.#core.sessions.unsubscribe(admitted.connection, subscription)
  }

  /**
   * Carries out what a client publishes. What is not allowed ends the connection: MQTT 3.1.1 knows no other answer.
   *
   * @returns the refusal, or null.
   */
  publish(client: Client, packet: PublishPacket): Error | null {
    const connection = this.#admitted.get(client)?.connection
    const publication = connection === undefined ? undefined : readPublication(client, packet)
    if (connection === undefined || publication === undefined) {
      this.disconnected(client, 'protocolViolation')
      return new Error('the hub does not allow this publish')
    }
    const reply = handlePublication(this.#core, connection, publication, Buffer.from(packet.payload))
    if (reply !== undefined) connection.publish(reply.topic, reply.payload)
    return null
  }
}

/** What a publish means; undefined when it is not allowed. */
function readPublication(client: Client, { topic, payload, qos }: PublishPacket): DevicePublication | undefined {
  if (qos === 2 || topic.length + payload.length > maxMessageInBytes) return undefined
  const publication = parsePublishTopic(topic, client.id)
  // A client that is closed publishes nothing but its will, and a will can only be telemetry (wire reference 1.12).
  if (!client.closed) return publication
  return publication?.kind === 'telemetry' ? markedAsWill(publication) : undefined
}

function markedAsWill({ kind, propertyBag }: TelemetryPublication): TelemetryPublication {
  const mark = 'iothub-MessageType=Will'
  return { kind, propertyBag: propertyBag === '' ? mark : `${propertyBag}&${mark}` }
}
