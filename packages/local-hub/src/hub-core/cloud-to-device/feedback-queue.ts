import type { CancelTimeout, Clock } from '../clock/clock.ts'
import { HubError } from '../error/hub-error.ts'
import type { JsonObject } from '../json/json.ts'

/** How long the service may take to settle a batch. */
const lockTimeoutInMs = 60_000
/** Older records are dropped when nobody ever reads feedback. */
const maxRecords = 1000

/** Feedback records that were handed out together. */
export interface FeedbackBatch {
  readonly lockToken: string
  readonly records: readonly JsonObject[]
}

interface LockedBatch extends FeedbackBatch {
  readonly cancelTimeout: CancelTimeout
}

/** The feedback on settled messages that waits for the service. */
export class FeedbackQueue {
  readonly #clock: Clock
  readonly #locked = new Map<string, LockedBatch>()
  #waiting: readonly JsonObject[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(record: JsonObject): void {
    this.#waiting = [...this.#waiting, record].slice(-maxRecords)
  }

  /** Locks everything that waits and returns it; undefined when nothing does. */
  receive(lockToken: string): FeedbackBatch | undefined {
    if (this.#waiting.length === 0) return undefined
    const records = this.#waiting
    const cancelTimeout = this.#clock.setTimeout(() => this.abandon(lockToken), lockTimeoutInMs)
    this.#locked.set(lockToken, { lockToken, records, cancelTimeout })
    this.#waiting = []
    return { lockToken, records }
  }

  /** @throws HubError 412 `DeviceMessageLockLost`. */
  complete(lockToken: string): void {
    this.#unlock(lockToken)
  }

  /**
   * Puts a batch back in front of what came since.
   *
   * @throws HubError 412 `DeviceMessageLockLost`.
   */
  abandon(lockToken: string): void {
    const { records } = this.#unlock(lockToken)
    this.#waiting = [...records, ...this.#waiting].slice(-maxRecords)
  }

  /** Stops every timer, because the hub goes away. */
  close(): void {
    for (const { cancelTimeout } of this.#locked.values()) cancelTimeout()
    this.#locked.clear()
  }

  #unlock(lockToken: string): LockedBatch {
    const batch = this.#locked.get(lockToken)
    if (batch === undefined) throw new HubError('DeviceMessageLockLost', 'No feedback is held by this lock token.')
    this.#locked.delete(lockToken)
    batch.cancelTimeout()
    return batch
  }
}
