import type { Duplex } from 'node:stream'
import { generate, type Packet } from 'mqtt-packet'
import type { Clock } from '../../../hub-core/clock/clock.ts'
import type { PacketFaults } from '../../../hub-core/faults/packet-faults.ts'
import type { LanePacket, PacketLane } from '../../../hub-core/faults/packet-lane.ts'
import type { IdentityKey } from '../../../hub-core/identity/identity-key.ts'
import type { CloseManner, CloseReason } from '../../../hub-core/session/device-connection.ts'
import { type ClientPacket, isClientPacket } from './client-packet.ts'
import { PacketReader } from './packet-reader.ts'

/** Where packets come from and go to. */
export interface PacketChannel {
  readonly stream: Duplex
  /** Breaks the TCP connection under the stream. */
  readonly reset: () => void
  /** Told whose packets these are, as soon as that is known. */
  readonly identified?: (key: IdentityKey) => void
}

/** Receives what arrives on a {@link PacketStream}. */
export interface PacketHandler {
  received(packet: ClientPacket): void
  /** Called once, whoever ended the stream. */
  ended(reason: CloseReason): void
}

/** What a {@link PacketStream} is made with. */
export interface PacketStreamOptions {
  readonly clock: Clock
  readonly faults: PacketFaults
  readonly handler: PacketHandler
}

/** How long a client may take to hang up after the hub did. */
const farewellInMs = 1000
/** How much may wait for a client that does not read. */
const maxUnsentInBytes = 4 * 1024 * 1024

/** The packets of one client, in both directions, until either side ends it. */
export class PacketStream {
  readonly #stream: Duplex
  readonly #reset: () => void
  readonly #identified: ((key: IdentityKey) => void) | undefined
  readonly #clock: Clock
  readonly #handler: PacketHandler
  readonly #reader = new PacketReader()
  readonly #toHub: PacketLane
  readonly #toDevice: PacketLane
  /** Who is at the other end, when that is known. */
  #key: IdentityKey | undefined
  #open = true

  constructor({ stream, reset, identified }: PacketChannel, { clock, faults, handler }: PacketStreamOptions) {
    this.#stream = stream
    this.#reset = reset
    this.#identified = identified
    this.#clock = clock
    this.#handler = handler
    this.#toHub = faults.lane('toHub')
    this.#toDevice = faults.lane('toDevice')
    stream.on('data', (bytes: Buffer) => this.#receive(bytes))
    stream.on('drain', () => stream.resume())
    stream.on('end', () => this.end('closedByClient'))
    stream.on('close', () => this.end('closedByClient'))
    // 'close' follows.
    stream.on('error', () => {})
  }

  get isOpen(): boolean {
    return this.#open
  }

  /** The packets are those of this device or module. */
  identify(key: IdentityKey): void {
    this.#key = key
    this.#identified?.(key)
  }

  send(packet: Packet): void {
    if (this.#open) this.#toDevice.pass(this.#describe(packet), () => this.#write(packet))
  }

  /** Ends the stream. What was sent before still arrives, unless it ends by reset. */
  end(reason: CloseReason, manner: CloseManner = 'fin'): void {
    if (!this.#open) return
    this.#open = false
    this.#toHub.close()
    this.#toDevice.close()
    if (manner === 'rst') this.#reset()
    else this.#hangUp()
    this.#handler.ended(reason)
  }

  /** A defect of the hub costs the client its connection, but nobody else anything. */
  fail(error: unknown): void {
    process.emitWarning(error instanceof Error ? error : String(error))
    this.end('internalError')
  }

  #write(packet: Packet): void {
    if (!this.#open) return
    // A client that does not read what it asked for is not heard until it does.
    if (!this.#stream.write(generate(packet))) this.#stream.pause()
    if (this.#stream.writableLength > maxUnsentInBytes) this.end('tooSlow')
  }

  #describe(packet: Packet): LanePacket {
    return {
      key: packet.cmd === 'connect' ? packet.clientId : this.#key,
      packet: packet.cmd,
      topic: packet.cmd === 'publish' ? packet.topic : undefined,
    }
  }

  #receive(bytes: Buffer): void {
    if (!this.#open) return
    const { packets, malformed } = this.#reader.read(bytes)
    for (const packet of packets) {
      if (!this.#open) return
      if (isClientPacket(packet)) this.#toHub.pass(this.#describe(packet), () => this.#handle(packet))
      else this.end('protocolViolation')
    }
    if (malformed) this.end('protocolViolation')
  }

  #handle(packet: ClientPacket): void {
    if (!this.#open) return
    try {
      this.#handler.received(packet)
    } catch (error) {
      this.fail(error)
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
