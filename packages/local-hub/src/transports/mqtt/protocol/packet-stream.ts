import type { Duplex } from 'node:stream'
import { generate, type Packet } from 'mqtt-packet'
import type { Clock } from '../../../hub-core/clock/clock.ts'
import type { CloseManner, CloseReason } from '../../../hub-core/session/device-connection.ts'
import { type ClientPacket, isClientPacket } from './client-packet.ts'
import { PacketReader } from './packet-reader.ts'

/** Where packets come from and go to. */
export interface PacketChannel {
  readonly stream: Duplex
  /** Breaks the TCP connection under the stream. */
  readonly reset: () => void
}

/** Receives what arrives on a {@link PacketStream}. */
export interface PacketHandler {
  received(packet: ClientPacket): void
  /** Called once, whoever ended the stream. */
  ended(reason: CloseReason): void
}

/** How long a client may take to hang up after the hub did. */
const farewellInMs = 1000
/** How much may wait for a client that does not read. */
const maxUnsentInBytes = 4 * 1024 * 1024

/** The packets of one client, in both directions, until either side ends it. */
export class PacketStream {
  readonly #stream: Duplex
  readonly #reset: () => void
  readonly #clock: Clock
  readonly #handler: PacketHandler
  readonly #reader = new PacketReader()
  #open = true

  constructor({ stream, reset }: PacketChannel, clock: Clock, handler: PacketHandler) {
    this.#stream = stream
    this.#reset = reset
    this.#clock = clock
    this.#handler = handler
    stream.on('data', (bytes: Buffer) => this.#receive(bytes))
    stream.on('drain', () => stream.resume())
    stream.on('end', () => this.end('closedByClient'))
    stream.on('close', () => this.end('closedByClient'))
    // 'close' follows.
    stream.on('error', () => {})
  }

  send(packet: Packet): void {
    if (!this.#open) return
    // A client that does not read what it asked for is not heard until it does.
    if (!this.#stream.write(generate(packet))) this.#stream.pause()
    if (this.#stream.writableLength > maxUnsentInBytes) this.end('tooSlow')
  }

  /** Ends the stream. What was sent before still arrives, unless it ends by reset. */
  end(reason: CloseReason, manner: CloseManner = 'fin'): void {
    if (!this.#open) return
    this.#open = false
    if (manner === 'rst') this.#reset()
    else this.#hangUp()
    this.#handler.ended(reason)
  }

  #receive(bytes: Buffer): void {
    if (!this.#open) return
    const { packets, malformed } = this.#reader.read(bytes)
    for (const packet of packets) {
      if (!this.#open) return
      if (isClientPacket(packet)) this.#handle(packet)
      else this.end('protocolViolation')
    }
    if (malformed) this.end('protocolViolation')
  }

  /** A defect of the hub costs the client its connection, but nobody else anything. */
  #handle(packet: ClientPacket): void {
    try {
      this.#handler.received(packet)
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error))
      this.end('internalError')
    }
  }

  /**
   * Goes on reading until the client hangs up as well: bytes left unread would turn the end into a TCP reset, after which the
   * official client does not return.
   */
  #hangUp(): void {
    if (this.#stream.writableNeedDrain) this.#stream.destroy()
    else this.#stream.end()
    this.#stream.resume()
    const cancel = this.#clock.setTimeout(() => this.#stream.destroy(), farewellInMs)
    this.#stream.once('close', cancel)
  }
}
