import { type CancelTimeout, type Clock, noTimeout } from '../../connection/clock.ts'
import { TryFailed } from './try-failed.ts'

/** How slow a transfer may be. */
export interface TransferLimits {
  /** Longest time without a byte, in milliseconds. */
  readonly stallTimeoutInMs: number
  /** Fewest bytes per second, over `rateWindowInMs`. */
  readonly minRateInBytesPerSecond: number
  /** Over which time the rate is measured, in milliseconds. */
  readonly rateWindowInMs: number
}

/**
 * Watches that a transfer goes on, and fast enough. It counts with timers alone, so a clock that jumps does not matter.
 */
export class TransferWatch implements Disposable {
  readonly #clock: Clock
  readonly #limits: TransferLimits
  readonly #onTooSlow: (failure: TryFailed) => void
  #bytesInWindow = 0
  #cancelStall: CancelTimeout = noTimeout
  #cancelWindow: CancelTimeout = noTimeout

  /** Starts to watch; `onTooSlow` is called at most once. */
  constructor(clock: Clock, limits: TransferLimits, onTooSlow: (failure: TryFailed) => void) {
    this.#clock = clock
    this.#limits = limits
    this.#onTooSlow = onTooSlow
    this.#awaitByte()
    this.#awaitWindow()
  }

  /** Some bytes have come. */
  received(bytes: number): void {
    this.#bytesInWindow += bytes
    this.#cancelStall()
    this.#awaitByte()
  }

  #awaitByte(): void {
    const { stallTimeoutInMs } = this.#limits
    this.#cancelStall = this.#clock.setTimeout(
      () => this.#tooSlow(`no byte has come for ${stallTimeoutInMs} ms`),
      stallTimeoutInMs,
    )
  }

  #awaitWindow(): void {
    const { rateWindowInMs, minRateInBytesPerSecond } = this.#limits
    this.#bytesInWindow = 0
    this.#cancelWindow = this.#clock.setTimeout(() => {
      if (isTooSlow(this.#bytesInWindow, this.#limits)) {
        this.#tooSlow(`less than ${minRateInBytesPerSecond} bytes per second have come`)
      } else {
        this.#awaitWindow()
      }
    }, rateWindowInMs)
  }

  #tooSlow(reason: string): void {
    this[Symbol.dispose]()
    this.#onTooSlow(new TryFailed('DownloadStalled', reason))
  }

  [Symbol.dispose](): void {
    this.#cancelStall()
    this.#cancelWindow()
  }
}

/** Tells whether so many bytes in one window are too few. */
export function isTooSlow(bytes: number, { minRateInBytesPerSecond, rateWindowInMs }: TransferLimits): boolean {
  return bytes * 1000 < minRateInBytesPerSecond * rateWindowInMs
}
