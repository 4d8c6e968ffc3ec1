import type { CancelTimeout, Clock } from '../../../hub-core/clock/clock.ts'

/** The longest silence the hub puts up with (wire reference 1.8). */
const maxSilenceInMs = 1767 * 1000

/**
 * Notices when a client has been silent for one and a half keep-alive periods. Activity costs no timer: one that fires too
 * early is set again for the rest.
 */
export class KeepAlive {
  readonly #clock: Clock
  readonly #maxSilenceInMs: number
  readonly #expire: () => void
  #lastPacketAt: number
  #cancel: CancelTimeout | undefined

  /** @param periodInSeconds as asked for in CONNECT; 0 means that the client may be silent for ever. */
  constructor(clock: Clock, periodInSeconds: number, expire: () => void) {
    this.#clock = clock
    this.#maxSilenceInMs = Math.min(periodInSeconds * 1500, maxSilenceInMs)
    this.#expire = expire
    this.#lastPacketAt = clock.now()
    if (periodInSeconds > 0) this.#arm(this.#maxSilenceInMs)
  }

  /** The client sent a packet. */
  touch(): void {
    this.#lastPacketAt = this.#clock.now()
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(delayInMs: number): void {
    this.#cancel = this.#clock.setTimeout(() => this.#check(), delayInMs)
  }

  #check(): void {
    const remainingInMs = this.#lastPacketAt + this.#maxSilenceInMs - this.#clock.now()
    if (remainingInMs > 0) this.#arm(remainingInMs)
    else this.#expire()
  }
}
