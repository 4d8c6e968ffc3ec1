import type { JsonObject } from '@iothub-dm/protocol'
import { type CancelTimeout, type Clock, noTimeout, systemClock } from './clock.ts'
import { HubConnectionError, IdentityConflictError } from './errors.ts'
import type { DeviceTwin, HubCallOptions, HubConnection, HubConnectionListener } from './hub-connection.ts'
import type { HubLink, StartHubLink } from './hub-link.ts'
import {
  type ReconnectObstacle,
  type ReconnectOptions,
  type ReconnectSettings,
  reconnectDelay,
  reconnectSettings,
} from './reconnect-delay.ts'
import { TakeoverWatch } from './takeover-watch.ts'

/** Options of a {@link SupervisedConnection}. */
export interface SupervisedConnectionOptions {
  /** How to come back after a loss. */
  readonly reconnect?: ReconnectOptions | undefined
  /** Default: the system's clock. */
  readonly clock?: Clock | undefined
  /** Draws a number in [0, 1). Default: `Math.random`. */
  readonly random?: (() => number) | undefined
}

interface Opening {
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

/** A connection that starts a new link whenever the one before has ended, until it is closed. */
export class SupervisedConnection implements HubConnection {
  readonly #startLink: StartHubLink
  readonly #listener: HubConnectionListener
  readonly #settings: ReconnectSettings
  readonly #clock: Clock
  readonly #random: () => number
  readonly #takeovers: TakeoverWatch
  #link: HubLink | undefined
  #inSession = false
  #opened = false
  #opening: Opening | undefined
  /** Attempts since the last session that was good. */
  #attempts = 0
  #cancelRetry: CancelTimeout = noTimeout
  #cancelStable: CancelTimeout = noTimeout
  #closing: Promise<void> | undefined

  /**
   * @param startLink makes one attempt
   * @param listener is told what happens
   */
  constructor(startLink: StartHubLink, listener: HubConnectionListener, options: SupervisedConnectionOptions = {}) {
    this.#startLink = startLink
    this.#listener = listener
    this.#settings = reconnectSettings(options.reconnect)
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#takeovers = new TakeoverWatch(this.#clock)
  }

  async open(options: { readonly abortSignal?: AbortSignal | undefined } = {}): Promise<void> {
    const { abortSignal } = options
    abortSignal?.throwIfAborted()
    if (this.#closing !== undefined) throw closedByOwner()
    if (this.#opened) throw new TypeError('open() was called on a connection that is open already')
    this.#opened = true
    const abort = () => this.#giveUp(abortSignal?.reason)
    abortSignal?.addEventListener('abort', abort)
    try {
      await new Promise<void>((resolve, reject) => {
        this.#opening = { resolve, reject }
        this.#connect()
      })
    } finally {
      abortSignal?.removeEventListener('abort', abort)
    }
  }

  startOver(): void {
    const link = this.#link
    if (link === undefined || !this.#inSession) return
    // Not as a loss: those of a device that takes over are counted.
    this.#onEnd(new HubConnectionError('ConnectionClosed', 'the session was ended to begin another one'))
    void link.close()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async readTwin(options?: HubCallOptions): Promise<DeviceTwin> {
    return await this.#session().readTwin(options)
  }

  async updateReported(patch: JsonObject, options?: HubCallOptions): Promise<number> {
    return await this.#session().updateReported(patch, options)
  }

  #session(): HubLink {
    if (this.#closing !== undefined) throw closedByOwner()
    if (this.#link === undefined || !this.#inSession) {
      throw new HubConnectionError('ConnectionLost', 'there is no session with the hub at the moment')
    }
    return this.#link
  }

  #connect(): void {
    this.#attempts += 1
    const link = this.#startLink({
      onMethod: call => this.#listener.onMethod(call),
      onDesired: (patch, version) => this.#listener.onDesired(patch, version),
      onSession: () => {
        if (link === this.#link) this.#onSession()
      },
      onEnd: reason => {
        if (link === this.#link) this.#onEnd(reason)
      },
    })
    this.#link = link
  }

  #onSession(): void {
    this.#inSession = true
    this.#cancelStable()
    this.#cancelStable = this.#clock.setTimeout(() => {
      this.#attempts = 0
    }, this.#settings.stableAfterInMs)
    this.#opening?.resolve()
    this.#opening = undefined
    this.#listener.onSession()
  }

  #onEnd(reason: HubConnectionError): void {
    const lost = this.#inSession
    this.#link = undefined
    this.#inSession = false
    this.#cancelStable()
    if (reason.code === 'Unauthorized' && this.#opening !== undefined) this.#giveUp(reason)
    else this.#retry(reason, lost)
  }

  #retry(reason: HubConnectionError, lost: boolean): void {
    const losses = lost && reason.code === 'ConnectionLost' ? this.#takeovers.lost() : undefined
    const delayInMs = reconnectDelay(this.#attempts, obstacleOf(reason, losses), this.#settings, this.#random())
    this.#cancelRetry = this.#clock.setTimeout(() => this.#connect(), delayInMs)
    if (lost) this.#listener.onLost(reason)
    else this.#listener.onAttemptFailed?.(reason, delayInMs)
    if (losses !== undefined) this.#listener.onIdentityConflict?.(new IdentityConflictError(losses), delayInMs)
  }

  /** Ends an `open` that did not succeed; it may be called again. */
  #giveUp(reason: unknown): void {
    if (this.#opening === undefined) return
    this.#opening.reject(reason)
    this.#opening = undefined
    this.#opened = false
    void this.#stop()
  }

  async #close(): Promise<void> {
    this.#opening?.reject(closedByOwner())
    this.#opening = undefined
    await this.#stop()
  }

  async #stop(): Promise<void> {
    this.#cancelRetry()
    this.#cancelStable()
    this.#takeovers.clear()
    const link = this.#link
    this.#link = undefined
    this.#inSession = false
    await link?.close()
  }
}

function obstacleOf(reason: HubConnectionError, losses: number | undefined): ReconnectObstacle | undefined {
  if (losses !== undefined) return 'identityConflict'
  return reason.code === 'Unauthorized' ? 'unauthorized' : undefined
}

function closedByOwner(): HubConnectionError {
  return new HubConnectionError('ConnectionClosed', 'the connection to the hub was closed by its owner')
}
