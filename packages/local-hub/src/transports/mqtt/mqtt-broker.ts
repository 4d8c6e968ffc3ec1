import { Aedes, type Client } from 'aedes'
import type { SessionCommands } from '../../hub-core/commands/session-commands.ts'
import type { MqttGateway } from './mqtt-gateway.ts'
import { noRelay } from './no-relay.ts'
import { SessionPersistence } from './session-persistence.ts'

/** What the broker is made with. */
export interface MqttBrokerOptions {
  readonly gateway: MqttGateway
  readonly sessions: SessionCommands
  /** Breaks the TCP connection of a client. */
  readonly reset: (client: Client) => void
}

const notAuthorizedCode = 5

/**
 * The MQTT 3.1.1 broker library, reduced to the protocol: packets, keep-alive, acknowledgements, takeover of a client id. What
 * clients may do and what a publish means is the gateway's business.
 */
export async function createMqttBroker({ gateway, sessions, reset }: MqttBrokerOptions): Promise<Aedes> {
  const broker = new Aedes({
    mq: noRelay,
    persistence: new SessionPersistence(sessions),
    preConnect: (_client, packet, done) => {
      const speaksMqtt311 = packet.protocolVersion === 4
      done(speaksMqtt311 ? null : new Error('The hub speaks MQTT 3.1.1 only'), speaksMqtt311)
    },
    authenticate: (client, userName, password, done) => {
      if (gateway.admit(client, userName, password?.toString(), () => reset(client))) done(null, true)
      else done(Object.assign(new Error('Not authorized'), { returnCode: notAuthorizedCode }), false)
    },
    authorizePublish: (client, packet, done) => {
      // Nothing is retained by a hub.
      packet.retain = false
      // Carried out here and not when the broker relays it, so that the acknowledgement follows the deed. The broker's own news
      // come without a client.
      done(client === null ? null : gateway.publish(client, packet))
    },
    authorizeSubscribe: (client, subscription, done) => {
      done(null, gateway.maySubscribe(client, subscription.topic) ? subscription : null)
    },
  })
  // Just before CONNACK: a client that has it is known to be there. What the hub sends from now on goes out after it, because
  // the broker delivers in a later turn of the event loop.
  broker.on('client', client => gateway.connected(client))
  broker.on('keepaliveTimeout', client => gateway.disconnected(client, 'keepAliveExpired'))
  broker.on('subscribe', (subscriptions, client) => {
    for (const { topic } of subscriptions) gateway.subscribed(client, topic)
  })
  broker.on('unsubscribe', (topicFilters, client) => {
    for (const topicFilter of topicFilters) gateway.unsubscribed(client, topicFilter)
  })
  await broker.listen()
  return broker
}
