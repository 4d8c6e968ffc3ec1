import type { Clock } from '../clock/clock.ts'
import type { Occasion } from './armed-fault.ts'
import type { Fault, FaultOccasions } from './fault.ts'
import { FaultList, type StrikeReporter } from './fault-list.ts'
import { PacketLane } from './packet-lane.ts'

/** Which way something goes. */
export type FaultDirection = 'toHub' | 'toDevice'

/** Which MQTT packets a fault takes. Default: any. */
export interface PacketFaultOptions extends FaultOccasions {
  readonly direction?: FaultDirection | undefined
  /** The type of packet in lower case, such as `publish`, `puback`, `suback`. */
  readonly packet?: string | undefined
  /** Only publishes whose topic starts so, such as `$iothub/methods/res/`. */
  readonly topic?: string | undefined
}

/** A packet as faults see it. */
export interface PacketOccasion extends Occasion {
  readonly direction: FaultDirection
  readonly packet: string
  readonly topic: string | undefined
}

/** What happens to a packet. */
export type PacketEffect = { readonly kind: 'drop' } | { readonly kind: 'delay'; readonly durationInMs: number }

/** MQTT packets that get lost in the hub or are late. */
export class PacketFaults {
  readonly #clock: Clock
  readonly #drops: FaultList<PacketOccasion, PacketEffect>
  readonly #delays: FaultList<PacketOccasion, PacketEffect>

  constructor(clock: Clock, report: StrikeReporter) {
    this.#clock = clock
    this.#drops = new FaultList('dropPacket', report)
    this.#delays = new FaultList('delayPacket', report)
  }

  drop(options: PacketFaultOptions): Fault {
    return this.#drops.arm({ kind: 'drop' }, { ...options, matches: isMeant(options) })
  }

  /** @throws RangeError when the duration is not one. */
  delay(durationInMs: number, options: PacketFaultOptions): Fault {
    if (!(durationInMs >= 0)) throw new RangeError(`durationInMs: expected 0 or more, got ${durationInMs}`)
    return this.#delays.arm({ kind: 'delay', durationInMs }, { ...options, matches: isMeant(options) })
  }

  /** What happens to this packet; undefined: nothing. */
  strike(occasion: PacketOccasion): PacketEffect | undefined {
    const { packet } = occasion
    return this.#drops.strike(occasion, packet) ?? this.#delays.strike(occasion, packet)
  }

  /** The way of the packets of one connection in one direction. */
  lane(direction: FaultDirection): PacketLane {
    return new PacketLane(this.#clock, direction, occasion => this.strike(occasion))
  }

  clear(): void {
    this.#drops.clear()
    this.#delays.clear()
  }
}

function isMeant({ direction, packet, topic }: PacketFaultOptions): (occasion: PacketOccasion) => boolean {
  return occasion =>
    (direction === undefined || occasion.direction === direction) &&
    (packet === undefined || occasion.packet === packet) &&
    (topic === undefined || occasion.topic?.startsWith(topic) === true)
}
