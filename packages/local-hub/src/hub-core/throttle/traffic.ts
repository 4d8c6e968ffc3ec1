import type { CancelTimeout, Clock } from '../clock/clock.ts'
import { HubError } from '../error/hub-error.ts'
import { billedBlocks, billedMessages, isBilled, standardMessageSizeInBytes } from './billing.ts'
import { DailyQuota } from './daily-quota.ts'
import { type HubTier, type ResolvedTier, resolveTier } from './hub-tier.ts'
import { type BilledKind, Meter } from './meter.ts'
import { type Operation, type OperationKind, type OperationOutcome, operationKinds } from './operation.ts'
import { quotaExceeded, throttled } from './throttle-errors.ts'
import { type TierLimits, throttleCost, tierLimits } from './tier-limits.ts'
import { TrafficShaper } from './traffic-shaper.ts'

/** What {@link Traffic} is made with. */
export interface TrafficOptions {
  readonly clock: Clock
  /** The name of the hub, for the text of an error. */
  readonly hubName: string
  /** Undefined: nothing is limited. */
  readonly tier: HubTier | undefined
}

interface DelayedOperation {
  readonly cancel: CancelTimeout
  readonly refuse: (error: HubError) => void
}

/**
 * What every operation of a client passes: it is counted, billed, and, when the hub has a tier, shaped and limited
 * (IoT Hub quotas and throttling).
 */
export class Traffic {
  readonly meter: Meter = new Meter()
  /** The limits of the tier; undefined when nothing is limited. */
  readonly limits: TierLimits | undefined
  readonly #clock: Clock
  readonly #hubName: string
  readonly #shapers: ReadonlyMap<OperationKind, TrafficShaper>
  readonly #quota: DailyQuota
  readonly #delayed = new Set<DelayedOperation>()

  constructor({ clock, hubName, tier }: TrafficOptions) {
    this.#clock = clock
    this.#hubName = hubName
    const resolved = tier === undefined ? undefined : resolveTier(tier)
    this.limits = resolved === undefined ? undefined : tierLimits(resolved)
    this.#quota = new DailyQuota(this.limits?.messagesPerDay ?? Number.POSITIVE_INFINITY)
    this.#shapers = resolved === undefined ? new Map() : shapersOf(resolved, clock.now())
  }

  /**
   * Waits until the hub takes an operation on.
   *
   * @throws HubError by the promise: 429 `ThrottlingException`, 403 `IotHubQuotaExceeded`.
   */
  async begin({ kind, requestSizeInBytes }: Operation): Promise<void> {
    this.assertQuota(kind)
    const shaper = this.#shapers.get(kind)
    const cost = throttleCost(kind, requestSizeInBytes)
    const delayInMs = shaper === undefined ? 0 : shaper.reserve(cost, this.#clock.now())
    if (delayInMs === undefined) {
      this.meter.count(kind, 'refused')
      throw throttled(kind)
    }
    this.meter.count(kind, 'accepted')
    if (delayInMs > 0) await this.#delay(kind, delayInMs)
  }

  /**
   * Makes sure that there is something left of the day for an operation. Also for what the hub does of itself, in jobs and by
   * configurations.
   *
   * @throws HubError 403 `IotHubQuotaExceeded`.
   */
  assertQuota(kind: OperationKind): void {
    const now = this.#clock.now()
    if (!isBilled(kind) || !this.#quota.isExhaustedAt(now)) return
    this.meter.count(kind, 'refused')
    throw quotaExceeded(this.#hubName, this.#quota.messagesPerDay, this.#quota.usedAt(now))
  }

  /** Bills an operation that has ended. */
  finish(operation: Operation, outcome: OperationOutcome): void {
    this.#bill(operation.kind, billedMessages(operation, outcome, this.#messageSizeInBytes))
  }

  /** Bills what the hub sends to a device by itself. */
  billNotification(sizeInBytes: number): void {
    this.#bill('desiredNotification', billedBlocks(sizeInBytes, this.#messageSizeInBytes))
  }

  /** Refuses what is still delayed. */
  close(): void {
    for (const { cancel, refuse } of this.#delayed) {
      cancel()
      refuse(new HubError('ServiceUnavailable', 'The hub is shutting down.'))
    }
    this.#delayed.clear()
  }

  get #messageSizeInBytes(): number {
    return this.limits?.messageSizeInBytes ?? standardMessageSizeInBytes
  }

  #bill(kind: BilledKind, messages: number): void {
    this.meter.bill(kind, messages)
    this.#quota.use(messages, this.#clock.now())
  }

  #delay(kind: OperationKind, delayInMs: number): Promise<void> {
    this.meter.count(kind, 'delayed')
    return new Promise((resolve, reject) => {
      const proceed = (): void => {
        this.#delayed.delete(delayed)
        resolve()
      }
      const delayed: DelayedOperation = { cancel: this.#clock.setTimeout(proceed, delayInMs), refuse: reject }
      this.#delayed.add(delayed)
    })
  }
}

function shapersOf(tier: ResolvedTier, startsAtInMs: number): ReadonlyMap<OperationKind, TrafficShaper> {
  const { operationsPerSecond } = tierLimits(tier)
  return new Map(
    operationKinds.map(kind => [
      kind,
      new TrafficShaper({ ...tier, ratePerSecond: operationsPerSecond[kind], startsAtInMs }),
    ]),
  )
}
