import type { HubBudget } from '../../pacing/hub-budget.ts'
import { TokenBucket } from '../../pacing/token-bucket.ts'
import { type Pace, startsPerMinute } from '../plan/pace.ts'

/** Starts that may be made at once are those of so long. */
const burstInSeconds = 0.5

/** Tells how many devices may be started: as many as both the pace and the hub's limits let, so that none of them has to wait. */
export class StartPacer {
  readonly #pace: Pace
  readonly #budget: HubBudget
  #rate = 0
  #bucket: TokenBucket | undefined

  constructor(pace: Pace, budget: HubBudget) {
    this.#pace = pace
    this.#budget = budget
  }

  /** Devices that may be started now, when so many have succeeded and a request has so many blocks. */
  allowance(nowInMs: number, succeeded: number, blocks: number): number {
    const byHub = Math.floor(this.#budget.of('directMethod').available(nowInMs) / blocks)
    return Math.min(this.#bucketFor(succeeded).available(nowInMs), byHub)
  }

  /** Counts starts; those of the hub are counted when they are made. */
  started(nowInMs: number, devices: number): void {
    this.#bucket?.take(nowInMs, devices)
  }

  #bucketFor(succeeded: number): TokenBucket {
    const rate = startsPerMinute(this.#pace, succeeded) / 60
    if (this.#bucket === undefined || rate !== this.#rate) {
      this.#rate = rate
      this.#bucket = new TokenBucket({ ratePerSecond: rate, burst: Math.max(1, Math.floor(rate * burstInSeconds)) })
    }
    return this.#bucket
  }
}
