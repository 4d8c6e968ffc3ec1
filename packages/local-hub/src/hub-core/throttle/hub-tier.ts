/** The tiers of IoT Hub: free, and the three standard ones. */
export const tierNames = ['F1', 'S1', 'S2', 'S3'] as const

/** The name of a tier. */
export type TierName = (typeof tierNames)[number]

/** How big a hub the local one pretends to be. */
export interface HubTier {
  readonly name: TierName
  /** How many units were bought; default 1. A free hub is always one. */
  readonly units?: number | undefined
  /**
   * How many seconds' worth of operations the hub takes above the rate before it delays any. Default 60: the page on throttling
   * says that a hub lets an overload pass "for the first minute or two".
   */
  readonly burstInSeconds?: number | undefined
  /** How long an operation is delayed at most; one that would have to wait longer is refused with 429. Default 10. */
  readonly backlogInSeconds?: number | undefined
}

/** A tier with everything decided. */
export type ResolvedTier = { readonly [TMember in keyof HubTier]-?: NonNullable<HubTier[TMember]> }

const maxUnits: Readonly<Record<TierName, number>> = { F1: 1, S1: 200, S2: 200, S3: 10 }

/**
 * Fills in what was left out.
 *
 * @throws RangeError when there is no such tier, or not with so many units, or a duration is not positive.
 */
export function resolveTier({ name, units = 1, burstInSeconds = 60, backlogInSeconds = 10 }: HubTier): ResolvedTier {
  if (!tierNames.includes(name))
    throw new RangeError(`tier.name: expected one of ${tierNames.join(', ')}, got '${name}'`)
  if (!Number.isInteger(units) || units < 1 || units > maxUnits[name]) {
    throw new RangeError(`tier.units: expected an integer from 1 to ${maxUnits[name]} for ${name}, got ${units}`)
  }
  for (const [option, value] of Object.entries({ burstInSeconds, backlogInSeconds })) {
    if (!(value >= 0)) throw new RangeError(`tier.${option}: expected a number of seconds, 0 or more, got ${value}`)
  }
  return { name, units, burstInSeconds, backlogInSeconds }
}
