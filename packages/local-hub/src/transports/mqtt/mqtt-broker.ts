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
      done(client === null ? null : gateway.refusePublish(client, packet))
    },
    authorizeSubscribe: (client, subscription, done) => {
      done(null, gateway.maySubscribe(client, subscription.topic) ? subscription : null)
    },
    published: (packet, client: Client | null, done) => {
      // The broker also announces its own news, without a client.
      if (client !== null) gateway.published(client, packet)
      done()
    },
  })
  broker.on('connackSent', (packet, client) => {
    if (packet.returnCode === 0) gateway.connected(client)
  })
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
