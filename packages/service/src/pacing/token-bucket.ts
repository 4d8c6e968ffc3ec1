/** How fast a {@link TokenBucket} gives out its tokens. */
export interface TokenBucketOptions {
  /** Tokens that come in a second. */
  readonly ratePerSecond: number
  /** Tokens that may be given out at once, after a rest. */
  readonly burst: number
}

/** After a refusal the rate is this part of what it was. */
const decrease = 0.7
/** The rate comes back by this part of the full one each minute without a refusal. */
const recoveryPerMinute = 0.1
const lowestShare = 0.05
const defaultRefusalInMs = 1_000

/**
 * Gives every caller the time at which it may go, so that the rate is kept and nobody has to ask twice. A hub that refuses although
 * the rate was kept has other clients: the rate is then lowered, and comes back slowly.
 *
 * Pure but for its own state: time is given in.
 */
export class TokenBucket {
  readonly #fullRate: number
  readonly #burst: number
  /** The part of the full rate that is used. */
  #share = 1
  #shareSetAtInMs = Number.NEGATIVE_INFINITY
  /** When the bucket is full again. Later callers push it on (the generic cell rate algorithm). */
  #fullAtInMs = Number.NEGATIVE_INFINITY
  #closedUntilInMs = Number.NEGATIVE_INFINITY

  constructor({ ratePerSecond, burst }: TokenBucketOptions) {
    this.#fullRate = ratePerSecond
    this.#burst = burst
  }

  /** Tokens that come in a second, as things are now. */
  rate(nowInMs: number): number {
    const recovered = ((nowInMs - this.#shareSetAtInMs) / 60_000) * recoveryPerMinute
    return this.#fullRate * Math.min(1, this.#share + Math.max(0, recovered))
  }

  /**
   * Takes tokens, whether or not they are there yet.
   *
   * @returns how long to wait before using them, in milliseconds
   */
  take(nowInMs: number, tokens = 1): number {
    const goesAtInMs = this.#goesAt(nowInMs, tokens)
    this.#fullAtInMs = Math.max(this.#fullAtInMs, goesAtInMs) + this.#timeOf(tokens, nowInMs)
    return goesAtInMs - nowInMs
  }

  /** How many tokens could be taken now without a wait. */
  available(nowInMs: number): number {
    if (nowInMs < this.#closedUntilInMs) return 0
    const usedInMs = Math.max(0, this.#fullAtInMs - nowInMs)
    return Math.max(0, Math.floor(this.#burst - (usedInMs / 1_000) * this.rate(nowInMs) + 1e-9))
  }

  /**
   * Tells that the hub has refused a call for its rate.
   *
   * @param retryAfterInMs how long the hub wants to be left alone; undefined when it did not say
   */
  refused(nowInMs: number, retryAfterInMs: number = defaultRefusalInMs): void {
    // Calls that were under way together are refused together; that is one refusal.
    const isNew = nowInMs >= this.#closedUntilInMs
    this.#closedUntilInMs = Math.max(this.#closedUntilInMs, nowInMs + retryAfterInMs)
    if (!isNew) return
    this.#share = Math.max(lowestShare, (this.rate(nowInMs) / this.#fullRate) * decrease)
    this.#shareSetAtInMs = nowInMs
  }

  #goesAt(nowInMs: number, tokens: number): number {
    const slackInMs = this.#timeOf(Math.max(0, this.#burst - tokens), nowInMs)
    return Math.max(nowInMs, this.#closedUntilInMs, this.#fullAtInMs - slackInMs)
  }

  #timeOf(tokens: number, nowInMs: number): number {
    return (tokens * 1_000) / this.rate(nowInMs)
  }
}
