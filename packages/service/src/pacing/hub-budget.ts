import { type HubOperation, type HubTier, hubLimits, hubOperations } from './hub-tier.ts'
import { TokenBucket } from './token-bucket.ts'

/** How much of a hub a client may use. */
export interface HubBudgetOptions {
  readonly tier: HubTier
  /** The part of the hub's limits, more than 0 and at most 1. */
  readonly share: number
}

/** Limits that count by the minute let a part of one go at once, others a part of a second. */
const burstInSeconds = 0.5
const burstOfManagedInSeconds = 45
const managed: readonly HubOperation[] = ['query', 'job', 'configuration', 'registry']

/** One token bucket for each kind of call to a hub. */
export class HubBudget {
  readonly #buckets: Readonly<Record<HubOperation, TokenBucket>>

  /** @throws RangeError when the share or the units are of no use */
  constructor({ tier, share }: HubBudgetOptions) {
    if (!(share > 0 && share <= 1)) throw new RangeError(`budgetShare: expected more than 0, at most 1, got ${share}`)
    const { callsPerSecond } = hubLimits(tier)
    const bucket = (operation: HubOperation): TokenBucket => {
      const ratePerSecond = callsPerSecond[operation] * share
      const seconds = managed.includes(operation) ? burstOfManagedInSeconds : burstInSeconds
      return new TokenBucket({ ratePerSecond, burst: Math.max(1, Math.floor(ratePerSecond * seconds)) })
    }
    const [directMethod, twinRead, twinUpdate, query, job, configuration, registry] = hubOperations
    this.#buckets = {
      [directMethod]: bucket(directMethod),
      [twinRead]: bucket(twinRead),
      [twinUpdate]: bucket(twinUpdate),
      [query]: bucket(query),
      [job]: bucket(job),
      [configuration]: bucket(configuration),
      [registry]: bucket(registry),
    }
  }

  /** The bucket of a kind of call. */
  of(operation: HubOperation): TokenBucket {
    return this.#buckets[operation]
  }
}
