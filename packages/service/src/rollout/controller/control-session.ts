import type { Clock } from '../../clock/clock.ts'
import { RolloutDamagedError, RolloutNotFoundError } from '../../errors/rollout-errors.ts'
import { type AuditEvent, addToAudit } from '../control/audit-entry.ts'
import type { ControlRecord } from '../control/control-record.ts'
import type { ControlTwin, StoredRecord } from '../control/control-twin.ts'
import { isRenewalDue, isSameLease, type Lease, mayAct, releaseLease, renewLease, takeLease } from '../control/lease.ts'
import type { RolloutState } from '../decision/rollout-state.ts'
import { planHash } from '../plan/plan-hash.ts'

/** What a {@link ControlSession} works with. */
export interface ControlSessionOptions {
  readonly twin: ControlTwin
  readonly clock: Clock
  /** Of this controller alone, also among those of its process. */
  readonly owner: string
  /** Of the plan that the rollout was begun with. */
  readonly planHash: string
  /** Told every record that is read or written. */
  readonly onRecord: (record: ControlRecord) => void
}

/** How long a record is taken for what the hub has, in milliseconds: so late, at most, commands of other processes are seen. */
const recordAgeInMs = 5_000

/** A lease that could not be given up expires. */
const maxReleaseTries = 5

/**
 * One controller's hold on the record of its rollout: reads it, writes it by compare-and-set, and holds the lease. Whoever acts for the
 * rollout asks `mayAct` first.
 */
export class ControlSession {
  readonly #options: ControlSessionOptions
  #stored: StoredRecord | undefined
  #readAtInMs = Number.NEGATIVE_INFINITY
  #lease: Lease | undefined

  constructor(options: ControlSessionOptions) {
    this.#options = options
  }

  /** Whether this controller holds the lease, with time to spare, and knows the record as the hub has it. */
  get mayAct(): boolean {
    return this.#lease !== undefined && this.#stored !== undefined && mayAct(this.#lease, this.#options.clock.now())
  }

  /** The state as the hub has it, as far as is known. */
  get state(): RolloutState | undefined {
    return this.#stored?.record.state
  }

  /** The number of this holding; a new one, when the lease was lost in between. */
  get token(): number | undefined {
    return this.#lease?.token
  }

  /** Whether the lease is to be written again soon. */
  get isRenewalDue(): boolean {
    return this.#lease !== undefined && isRenewalDue(this.#lease, this.#options.clock.now())
  }

  /** Has the record read before anything else is done. */
  invalidate(): void {
    this.#stored = undefined
  }

  /**
   * The record, as fresh as it has to be.
   *
   * @throws RolloutNotFoundError, RolloutDamagedError when the rollout cannot be gone on with
   * @throws HubError
   */
  async record(abortSignal: AbortSignal): Promise<ControlRecord> {
    const { twin, clock } = this.#options
    const nowInMs = clock.now()
    if (this.#stored !== undefined && nowInMs - this.#readAtInMs < recordAgeInMs) return this.#stored.record
    const read = await twin.read({ abortSignal })
    if (read?.record === undefined) throw new RolloutNotFoundError(twin.rolloutId)
    if (planHash(read.record.plan) !== this.#options.planHash) {
      throw new RolloutDamagedError(twin.rolloutId, 'its plan was replaced by another one')
    }
    this.#take({ record: read.record, etag: read.etag }, nowInMs)
    return read.record
  }

  /** Takes the lease, if nobody else may act. */
  async take(record: ControlRecord, abortSignal: AbortSignal): Promise<boolean> {
    const { owner, clock } = this.#options
    const lease = takeLease(record.lease, owner, clock.now())
    if (lease === undefined) return false
    return this.#write({ ...record, lease }, [{ type: 'leaseTaken', token: lease.token }], abortSignal)
  }

  /** Writes the record and renews the lease; false when somebody else was faster. */
  async write(record: ControlRecord, events: readonly AuditEvent[], abortSignal: AbortSignal): Promise<boolean> {
    if (!this.mayAct || this.#lease === undefined) return false
    const lease = renewLease(this.#lease, this.#options.clock.now())
    return this.#write({ ...record, lease }, events, abortSignal)
  }

  /** Gives the lease up, for another controller to take at once. */
  async release(): Promise<void> {
    const { twin, owner } = this.#options
    this.#stored = undefined
    if (this.#lease === undefined) return
    this.#lease = undefined
    for (let tries = 1; tries <= maxReleaseTries; tries += 1) {
      const read = await twin.read()
      const lease = read?.record?.lease
      if (read?.record === undefined || lease?.owner !== owner) return
      if ((await twin.write({ ...read.record, lease: releaseLease(lease) }, read.etag)) !== undefined) return
    }
  }

  async #write(record: ControlRecord, events: readonly AuditEvent[], abortSignal: AbortSignal): Promise<boolean> {
    const { twin, clock, owner } = this.#options
    const stored = this.#stored
    if (stored === undefined) return false
    const nowInMs = clock.now()
    const audit = addToAudit(record.audit, events, { by: owner, nowInMs })
    // Until the answer is there, nobody knows what the hub has.
    this.#stored = undefined
    const etag = await twin.write({ ...record, audit }, stored.etag, { abortSignal })
    if (etag === undefined) return false
    this.#take({ record: { ...record, audit }, etag }, nowInMs)
    return true
  }

  #take(stored: StoredRecord, atInMs: number): void {
    const { lease } = stored.record
    // Nobody else has this owner: a lease of it whose answer was lost is held all the same.
    if (lease?.owner === this.#options.owner) this.#lease = lease
    else if (!isSameLease(lease, this.#lease)) this.#lease = undefined
    this.#stored = stored
    this.#readAtInMs = atInMs
    this.#options.onRecord(stored.record)
  }
}
