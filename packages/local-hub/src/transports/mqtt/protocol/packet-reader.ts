import { type Packet, type Parser, parser } from 'mqtt-packet'

/** What a piece of a byte stream held. */
export interface ReadPackets {
  /** The packets that are complete now. */
  readonly packets: readonly Packet[]
  /** What follows them is not MQTT, and never will be. */
  readonly malformed: boolean
}

/** Largest packet read: the largest message, its topic and some room (wire reference 1.12). Longer ones are malformed. */
const maxPacketInBytes = 384 * 1024

/** Cuts a byte stream into MQTT packets. Holds no more of it than one packet of the largest size. */
export class PacketReader {
  readonly #parser: Parser = parser()
  #packets: Packet[] = []
  #malformed = false

  constructor() {
    this.#parser.on('packet', packet => this.#packets.push(packet))
    this.#parser.on('error', () => {
      this.#malformed = true
    })
  }

  read(bytes: Buffer): ReadPackets {
    this.#packets = []
    if (!this.#malformed) this.#parse(bytes)
    return { packets: this.#packets, malformed: this.#malformed }
  }

  #parse(bytes: Buffer): void {
    try {
      const pendingBytes = this.#parser.parse(bytes)
      if (pendingBytes > maxPacketInBytes) this.#malformed = true
    } catch {
      // The parser reads past the end of some packets whose inner lengths lie.
      this.#malformed = true
    }
  }
}
