import type { CancelTimeout, Clock } from '../connection/clock.ts'

/** How a wait for the confirmation of a value ended. */
export type TrialEnd = 'confirmed' | 'timeOver' | 'closing'

/** What a {@link TrialWait} works with. */
export interface TrialWaitOptions {
  readonly clock: Clock
  readonly timeoutInMs: number
  /** Whether only what happens in a session that begins from now on confirms it. */
  readonly needsSession: boolean
  /** Aborted when the agent closes. */
  readonly closing: AbortSignal
}

/** Waits until the hub has confirmed a value, the time for it is over, or the agent closes. */
export class TrialWait {
  readonly end: Promise<TrialEnd>
  readonly #closing: AbortSignal
  readonly #cancelTimeout: CancelTimeout
  readonly #onClose = (): void => this.#endBy('closing')
  #counts: boolean
  #resolve: (end: TrialEnd) => void = () => {}

  constructor({ clock, timeoutInMs, needsSession, closing }: TrialWaitOptions) {
    this.#counts = !needsSession
    this.end = new Promise(resolve => {
      this.#resolve = resolve
    })
    this.#closing = closing
    // A timer, not a time: the clock of a device may jump meanwhile.
    this.#cancelTimeout = clock.setTimeout(() => this.#endBy('timeOver'), timeoutInMs)
    closing.addEventListener('abort', this.#onClose)
    if (closing.aborted) this.#onClose()
  }

  /** Whether a call to the hub that begins now confirms the value once it is answered. */
  get counts(): boolean {
    return this.#counts
  }

  /** A session with the hub began. */
  sessionBegan(): void {
    this.#counts = true
  }

  /** The hub has answered a call that counts. */
  confirm(): void {
    this.#endBy('confirmed')
  }

  #endBy(end: TrialEnd): void {
    this.#cancelTimeout()
    this.#closing.removeEventListener('abort', this.#onClose)
    this.#resolve(end)
  }
}
