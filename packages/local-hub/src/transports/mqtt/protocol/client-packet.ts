import type {
  IConnectPacket,
  IDisconnectPacket,
  IPingreqPacket,
  IPubackPacket,
  IPublishPacket,
  ISubscribePacket,
  IUnsubscribePacket,
  Packet,
} from 'mqtt-packet'

interface WithMessageId {
  readonly messageId: number
}

/** A packet that a client may send to the hub. */
export type ClientPacket =
  | IConnectPacket
  | IPublishPacket
  | (IPubackPacket & WithMessageId)
  | (ISubscribePacket & WithMessageId)
  | (IUnsubscribePacket & WithMessageId)
  | IPingreqPacket
  | IDisconnectPacket

/** The packet of one kind. */
export type ClientPacketOf<TCommand extends ClientPacket['cmd']> = Extract<ClientPacket, { readonly cmd: TCommand }>

/**
 * Tells whether a packet is one that clients send, and holds it against the rules of MQTT 3.1.1 that the parser does not check:
 * message ids, inner lengths, text that is not UTF-8 or contains NUL, wildcards. The hub takes no part in QoS 2.
 */
export function isClientPacket(packet: Packet): packet is ClientPacket {
  switch (packet.cmd) {
    case 'connect':
      return isWellFormedConnect(packet)
    case 'publish':
      return isWellFormedPublish(packet)
    case 'puback':
      return isMessageId(packet.messageId) && packet.length === 2
    case 'subscribe':
      return isMessageId(packet.messageId) && areFilters(packet.subscriptions.map(({ topic }) => topic))
    case 'unsubscribe':
      return isMessageId(packet.messageId) && areFilters(packet.unsubscriptions)
    case 'pingreq':
    case 'disconnect':
      return packet.length === 0
    default:
      return false
  }
}

function isWellFormedConnect(packet: IConnectPacket): boolean {
  const { clientId, username, password, will } = packet
  // The parser understands bridges, which call themselves level 128 and more.
  if ('bridgeMode' in packet || (password !== undefined && username === undefined)) return false
  if (will !== undefined && !(isTopic(will.topic) && (will.qos ?? 0) <= 2)) return false
  return isText(clientId) && isText(username ?? '')
}

function isWellFormedPublish({ topic, qos, dup, messageId, length = 0 }: IPublishPacket): boolean {
  if (!isTopic(topic) || (qos === 0 ? dup : !isMessageId(messageId))) return false
  return 2 + Buffer.byteLength(topic) + (qos === 0 ? 0 : 2) <= length
}

function isMessageId(messageId: number | undefined): boolean {
  return messageId !== undefined && messageId > 0
}

function areFilters(topicFilters: readonly string[]): boolean {
  return topicFilters.length > 0 && topicFilters.every(filter => filter !== '' && isText(filter))
}

function isTopic(topic: string): boolean {
  return topic !== '' && isText(topic) && !/[#+]/.test(topic)
}

/** The parser puts U+FFFD where bytes are not UTF-8. A client that means that character itself pays for the others. */
function isText(text: string): boolean {
  return !text.includes('\0') && !text.includes('\uFFFD')
}
