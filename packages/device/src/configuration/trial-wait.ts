import type { CancelTimeout, Clock } from '../connection/clock.ts'

/** How a wait for the confirmation of a value ended. */
export type TrialEnd = 'confirmed' | 'timeOver' | 'closing'

/** What a {@link TrialWait} works with. */
export interface TrialWaitOptions {
  readonly clock: Clock
  readonly timeoutInMs: number
  /** Aborted when the agent closes. */
  readonly closing: AbortSignal
}

/** Waits until the hub has confirmed a value, the time for it is over, or the agent closes. */
export class TrialWait {
  readonly end: Promise<TrialEnd>
  readonly #closing: AbortSignal
  readonly #cancelTimeout: CancelTimeout
  readonly #onClose = (): void => this.#endBy('closing')
  #resolve: (end: TrialEnd) => void = () => {}

  constructor({ clock, timeoutInMs, closing }: TrialWaitOptions) {
    this.end = new Promise(resolve => {
      this.#resolve = resolve
    })
    this.#closing = closing
    // A timer, not a time: the clock of a device may jump meanwhile.
    this.#cancelTimeout = clock.setTimeout(() => this.#endBy('timeOver'), timeoutInMs)
    closing.addEventListener('abort', this.#onClose)
    if (closing.aborted) this.#onClose()
  }

  /** The hub has answered a call that began after this wait. */
  confirm(): void {
    this.#endBy('confirmed')
  }

  #endBy(end: TrialEnd): void {
    this.#cancelTimeout()
    this.#closing.removeEventListener('abort', this.#onClose)
    this.#resolve(end)
  }
}
