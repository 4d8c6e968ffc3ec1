/**
 * How many devices there are at the hub. A device cannot tell its own blip from one of the hub, after which all come back at once, and
 * a hub takes few connections a second (100 at tier S1). `fleet` spreads the first attempts over 15 s and the later ones over 25 to 30 s, which
 * brings a thousand devices back without a throttled connection, unless the hub comes back in the midst of the first attempts;
 * `firstDelayInMs: 25_000` rules that out too. `single` is back from a blip within a second.
 */
export type ReconnectProfile = 'fleet' | 'single'

/** How a device comes back after its connection to the hub was lost. All waits are drawn at random (full jitter). */
export interface ReconnectOptions {
  /** What the waits are made for; the options below override it. Default: `fleet`. */
  readonly profile?: ReconnectProfile | undefined
  /** Longest wait before the first attempt after a loss, in milliseconds. Default: 15,000 for `fleet`, 1,000 for `single`. */
  readonly firstDelayInMs?: number | undefined
  /**
   * Longest wait before the second attempt, in milliseconds; it doubles with every attempt. Default: 25,000 for `fleet`, 1,000 for
   * `single`.
   */
  readonly baseDelayInMs?: number | undefined
  /**
   * Longest wait between attempts, in milliseconds. Default: 30,000. Once to twice as long is waited when the hub goes on ending the
   * sessions of the device, as it does when another device uses the same identity.
   */
  readonly maxDelayInMs?: number | undefined
  /**
   * Longest wait after the hub has refused the credentials, in milliseconds; the shortest is half of it. Hammering does
   * not help a disabled device, and the hub counts it. Default: 300,000.
   */
  readonly unauthorizedDelayInMs?: number | undefined
  /**
   * How long a session must last, in milliseconds, to count as good, so that the next loss starts at the first delay
   * again. Default: 10,000.
   */
  readonly stableAfterInMs?: number | undefined
}

/** {@link ReconnectOptions} with the defaults filled in. */
export type ReconnectSettings = { readonly [TName in Exclude<keyof ReconnectOptions, 'profile'>]-?: number }

const common = { maxDelayInMs: 30_000, unauthorizedDelayInMs: 300_000, stableAfterInMs: 10_000 }

/** Reliability figures: 1,000 devices, outages of 50 ms to 120 s, come back with at most 100 connections a second, within 30 s. */
const profiles: { readonly [TProfile in ReconnectProfile]: ReconnectSettings } = {
  fleet: { ...common, firstDelayInMs: 15_000, baseDelayInMs: 25_000 },
  single: { ...common, firstDelayInMs: 1_000, baseDelayInMs: 1_000 },
}

/** Shortest wait between two failed attempts, in milliseconds, lest full jitter draws zero again and again. */
const floorInMs = 500

/**
 * Fills in the defaults.
 *
 * @throws TypeError when there is no such profile
 * @throws RangeError when a value is not a number of milliseconds of zero or more
 */
export function reconnectSettings(options: ReconnectOptions = {}): ReconnectSettings {
  const { profile = 'fleet' } = options
  if (!Object.hasOwn(profiles, profile)) {
    throw new TypeError(`reconnect.profile must be 'fleet' or 'single', not ${JSON.stringify(profile)}`)
  }
  const defaults = profiles[profile]
  const settings = {
    firstDelayInMs: options.firstDelayInMs ?? defaults.firstDelayInMs,
    baseDelayInMs: options.baseDelayInMs ?? defaults.baseDelayInMs,
    maxDelayInMs: options.maxDelayInMs ?? defaults.maxDelayInMs,
    unauthorizedDelayInMs: options.unauthorizedDelayInMs ?? defaults.unauthorizedDelayInMs,
    stableAfterInMs: options.stableAfterInMs ?? defaults.stableAfterInMs,
  }
  for (const [name, value] of Object.entries(settings)) {
    if (!Number.isFinite(value) || value < 0) {
      throw new RangeError(`reconnect.${name} must be a number of milliseconds of 0 or more, not ${value}`)
    }
  }
  return settings
}

/** What makes a device wait longer than a loss does: credentials that were refused, or another device with the same identity. */
export type ReconnectObstacle = 'unauthorized' | 'identityConflict'

/**
 * Draws the wait before the next attempt to connect.
 *
 * @param attempts how many attempts in a row have led to no session, or to a short one; 0 after the loss of a good session
 * @param random a number in [0, 1)
 * @returns milliseconds
 */
export function reconnectDelay(
  attempts: number,
  obstacle: ReconnectObstacle | undefined,
  settings: ReconnectSettings,
  random: number,
): number {
  const { firstDelayInMs, baseDelayInMs, maxDelayInMs, unauthorizedDelayInMs } = settings
  if (obstacle === 'unauthorized') return (unauthorizedDelayInMs * (1 + random)) / 2
  if (obstacle === 'identityConflict') return maxDelayInMs * (1 + random)
  if (attempts === 0) return random * firstDelayInMs
  const ceiling = Math.min(maxDelayInMs, baseDelayInMs * 2 ** (attempts - 1))
  const floor = Math.min(floorInMs, ceiling / 2)
  return floor + random * (ceiling - floor)
}
