import type { CancelTimeout, Clock } from '../clock/clock.ts'
import { HubError } from '../error/hub-error.ts'
import type { CloudToDeviceMessage, LockedMessage, MessageOutcome } from './cloud-to-device-message.ts'

/** How many messages wait for one device at most (wire reference 1.14). */
export const maxQueueDepth = 50
/** How often a message is delivered at most (wire reference 1.14). */
export const maxDeliveryCount = 10

interface Entry {
  readonly message: CloudToDeviceMessage
  readonly cancelExpiry: CancelTimeout
  deliveries: number
  lock: Lock | undefined
}

interface Lock {
  readonly token: string
  /** Who holds it: a connection, or undefined for whoever knows the token. */
  readonly holder: object | undefined
  readonly cancelTimeout: CancelTimeout
}

/** How a message is locked. */
export interface LockOptions {
  readonly token: string
  /** The connection that gets the message; its end releases the lock. */
  readonly holder?: object | undefined
  /** When the lock ends by itself. Default: never. */
  readonly timeout?: LockTimeout | undefined
}

/** The end of a lock that nobody used. */
export interface LockTimeout {
  readonly inMs: number
  /** Is called when the message is back in the queue, or was delivered too often. */
  readonly onRelease: () => void
}

/**
 * The messages that wait for one device, first in first out. Each is settled by the lock it was delivered under, or by its time to
 * live, or by too many deliveries; `onSettled` is called exactly once for it.
 */
export class DeviceQueue {
  readonly #clock: Clock
  readonly #onSettled: (message: CloudToDeviceMessage, outcome: MessageOutcome) => void
  readonly #entries = new Set<Entry>()

  constructor(clock: Clock, onSettled: (message: CloudToDeviceMessage, outcome: MessageOutcome) => void) {
    this.#clock = clock
    this.#onSettled = onSettled
  }

  get size(): number {
    return this.#entries.size
  }

  /** @throws HubError 403 `DeviceMaximumQueueDepthExceeded`. */
  add(message: CloudToDeviceMessage): void {
    if (this.#entries.size >= maxQueueDepth) {
      throw new HubError(
        'DeviceMaximumQueueDepthExceeded',
        `The queue of the device already has ${maxQueueDepth} messages.`,
      )
    }
    const expire = (): void => this.#settle(entry, 'expired')
    const cancelExpiry = this.#clock.setTimeout(expire, message.expiresAt - this.#clock.now())
    const entry: Entry = { message, cancelExpiry, deliveries: 0, lock: undefined }
    this.#entries.add(entry)
  }

  /** Locks the oldest message that nobody holds, and returns it. */
  lockNext({ token, holder, timeout }: LockOptions): LockedMessage | undefined {
    const entry = [...this.#entries].find(each => each.lock === undefined)
    if (entry === undefined) return undefined
    entry.lock = { token, holder, cancelTimeout: this.#releaseAfter(timeout, entry) }
    entry.deliveries += 1
    return { ...entry.message, lockToken: token, deliveryCount: entry.deliveries - 1 }
  }

  /** @throws HubError 412 `DeviceMessageLockLost` when nothing is held by this lock. */
  settle(lockToken: string, outcome: 'completed' | 'rejected'): void {
    this.#settle(this.#heldBy(lockToken), outcome)
  }

  /**
   * Gives a message back to the queue, in its former place.
   *
   * @throws HubError 412 `DeviceMessageLockLost` when nothing is held by this lock.
   */
  abandon(lockToken: string): void {
    this.#release(this.#heldBy(lockToken))
  }

  /** Gives back every message that was delivered on this connection and not settled. */
  releaseHeldBy(holder: object): void {
    for (const entry of this.#entries) {
      if (entry.lock?.holder === holder) this.#release(entry)
    }
  }

  /** Ends the life of every message, and returns how many there were. */
  clear(outcome: 'purged' | 'deviceDeleted'): number {
    const count = this.#entries.size
    for (const entry of this.#entries) this.#settle(entry, outcome)
    return count
  }

  /** Stops every timer; nothing is settled any more. */
  close(): void {
    for (const entry of this.#entries) this.#forget(entry)
  }

  #heldBy(lockToken: string): Entry {
    const entry = [...this.#entries].find(({ lock }) => lock?.token === lockToken)
    if (entry === undefined) {
      throw new HubError('DeviceMessageLockLost', 'No message of the device is held by this lock token.')
    }
    return entry
  }

  #releaseAfter(timeout: LockTimeout | undefined, entry: Entry): CancelTimeout {
    if (timeout === undefined) return () => {}
    return this.#clock.setTimeout(() => {
      this.#release(entry)
      timeout.onRelease()
    }, timeout.inMs)
  }

  #release(entry: Entry): void {
    entry.lock?.cancelTimeout()
    entry.lock = undefined
    if (entry.deliveries >= maxDeliveryCount) this.#settle(entry, 'deliveryCountExceeded')
  }

  #settle(entry: Entry, outcome: MessageOutcome): void {
    this.#forget(entry)
    this.#onSettled(entry.message, outcome)
  }

  #forget(entry: Entry): void {
    entry.cancelExpiry()
    entry.lock?.cancelTimeout()
    this.#entries.delete(entry)
  }
}
