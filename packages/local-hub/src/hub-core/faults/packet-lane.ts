import type { CancelTimeout, Clock } from '../clock/clock.ts'
import type { FaultDirection, PacketEffect, PacketOccasion } from './packet-faults.ts'

/** What a lane needs to know of a packet. */
export interface LanePacket {
  /** The device or module, as far as it is known. */
  readonly key: string | undefined
  readonly packet: string
  readonly topic: string | undefined
}

/** The packets of one connection in one direction. A delayed one holds up those behind it: the order of a stream never changes. */
export class PacketLane {
  readonly #clock: Clock
  readonly #direction: FaultDirection
  readonly #strike: (occasion: PacketOccasion) => PacketEffect | undefined
  readonly #waiting: (() => void)[] = []
  #cancelTimeout: CancelTimeout | undefined

  constructor(clock: Clock, direction: FaultDirection, strike: (occasion: PacketOccasion) => PacketEffect | undefined) {
    this.#clock = clock
    this.#direction = direction
    this.#strike = strike
  }

  /** Lets a packet pass now, later, or never. */
  pass(packet: LanePacket, deliver: () => void): void {
    if (this.#cancelTimeout !== undefined) {
      this.#waiting.push(() => this.#offer(packet, deliver))
      return
    }
    this.#offer(packet, deliver)
  }

  /** The connection is gone: what waits is dropped. */
  close(): void {
    this.#cancelTimeout?.()
    this.#waiting.length = 0
  }

  #offer(packet: LanePacket, deliver: () => void): void {
    const effect = this.#strike({ ...packet, direction: this.#direction })
    if (effect === undefined) deliver()
    else if (effect.kind === 'delay') this.#hold(deliver, effect.durationInMs)
  }

  #hold(deliver: () => void, durationInMs: number): void {
    this.#cancelTimeout = this.#clock.setTimeout(() => {
      this.#cancelTimeout = undefined
      deliver()
      while (this.#cancelTimeout === undefined) {
        const next = this.#waiting.shift()
        if (next === undefined) return
        next()
      }
    }, durationInMs)
  }
}
