/** Rates that the evidence is weighed against, above the limit: close ones find a small excess, far ones a disaster early. */
const alternatives = 24

/**
 * How strongly what was seen speaks against "the rate is at most `limit`": a likelihood ratio, averaged over rates above the limit.
 *
 * While the true rate is within the limit, this number is a supermartingale that starts at 1. So, however often one looks, the
 * chance that it ever reaches `1 / alpha` is at most `alpha` (Ville's inequality). An ordinary confidence bound, looked at again
 * after every device, has no such promise: looked at often enough, it stops every rollout.
 *
 * @param bad how many of the sample were bad
 * @param sample how many were looked at; one whose outcome is open counts as good, which can only weaken the evidence
 * @param limit the rate that is acceptable, in (0, 1)
 */
export function evidenceAgainst(bad: number, sample: number, limit: number): number {
  let sum = 0
  for (let index = 1; index <= alternatives; index += 1) {
    // Each the same multiple of the one before, from the limit to certainty.
    const rate = limit ** (1 - index / (alternatives + 1))
    const logRatio = bad * Math.log(rate / limit) + (sample - bad) * Math.log((1 - rate) / (1 - limit))
    sum += Math.exp(Math.min(logRatio, maxLogRatio))
  }
  return sum / alternatives
}

/** Keeps the sum finite; far above any threshold. */
const maxLogRatio = 600
