import { EventEmitter, once } from 'node:events'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { generate, type Packet, parser } from 'mqtt-packet'

/** A message that the device has published. */
export interface PublishedMessage {
  readonly topic: string
  readonly body: string
}

/** One connection of the device, seen from a scripted hub. Test support. */
export class HubSide {
  /** Topic filters that the device has subscribed to in this connection. */
  readonly filters: string[] = []
  readonly #tcp: Socket
  readonly #tls: TLSSocket
  readonly #events: EventEmitter = new EventEmitter()
  /** All that the device has published in this connection. */
  readonly messages: PublishedMessage[] = []

  /**
   * @param tcp the connection as it was accepted
   * @param tls the same, decrypted
   * @param handle is given each packet of the device
   */
  constructor(tcp: Socket, tls: TLSSocket, handle: (packet: Packet, side: HubSide) => void) {
    this.#tcp = tcp
    this.#tls = tls
    const packets = parser()
    packets.on('packet', packet => {
      if (packet.cmd === 'subscribe') this.filters.push(...packet.subscriptions.map(({ topic }) => topic))
      if (packet.cmd === 'publish') this.messages.push({ topic: packet.topic, body: packet.payload.toString() })
      handle(packet, this)
      this.#events.emit('packet', packet)
    })
    tls.on('data', chunk => packets.parse(chunk))
    tls.on('error', () => {})
  }

  /** Sends packets to the device in one write. */
  send(...packets: readonly Packet[]): void {
    this.#tls.write(Buffer.concat(packets.map(packet => generate(packet))))
  }

  /** Publishes messages to the device in one write. */
  publish(...messages: readonly { readonly topic: string; readonly body?: string }[]): void {
    this.send(
      ...messages.map(({ topic, body = '' }): Packet => {
        return { cmd: 'publish', topic, payload: body, qos: 0, dup: false, retain: false }
      }),
    )
  }

  /** Resolves with the first message on a topic that starts so, be it past or to come. */
  async published(topicStart: string): Promise<PublishedMessage> {
    for (;;) {
      const found = this.messages.find(({ topic }) => topic.startsWith(topicStart))
      if (found !== undefined) return found
      await once(this.#events, 'packet')
    }
  }

  /** Resolves when the device has published so many messages in this connection. */
  async publishedCount(count: number): Promise<void> {
    while (this.messages.length < count) await once(this.#events, 'packet')
  }

  /** Reads nothing any more, not even that the device closes: the far end of a dead link. */
  freeze(): void {
    this.#tcp.pause()
    this.#tls.pause()
  }

  /** Closes the connection with a FIN. */
  close(): void {
    this.#tls.end()
  }

  /** Cuts the connection with a RST. */
  reset(): void {
    this.#tcp.resetAndDestroy()
  }

  /** Resolves when the connection is gone. */
  async closed(): Promise<void> {
    if (!this.#tls.destroyed) await once(this.#tls, 'close')
  }

  /** Drops the connection. */
  destroy(): void {
    this.#tls.destroy()
    this.#tcp.destroy()
  }
}
