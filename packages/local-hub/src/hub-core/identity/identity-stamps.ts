import type { Clock } from '../clock/clock.ts'
import { toTicks } from '../clock/hub-time.ts'
import type { RandomSource } from '../random-source.ts'

/** Makes the generation ids and etags of identities (wire reference 8.1). */
export class IdentityStamps {
  readonly #clock: Clock
  readonly #random: RandomSource
  #generation = 0n

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock
    this.#random = random
  }

  /** Ticks of creation; strictly increasing, so that an id that is created again has another generation. */
  nextGenerationId(): string {
    const ticks = toTicks(this.#clock.now())
    this.#generation = ticks > this.#generation ? ticks : this.#generation + 1n
    return this.#generation.toString()
  }

  /** Base64 of a random decimal. */
  nextEtag(): string {
    const decimal = this.#random(6).readUIntBE(0, 6) % 1_000_000_000
    return Buffer.from(String(decimal)).toString('base64')
  }
}
