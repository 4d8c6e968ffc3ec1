/** How a device comes back after its connection to the hub was lost. All waits are drawn at random (full jitter). */
export interface ReconnectOptions {
  /**
   * Longest wait before the first attempt after a loss, in milliseconds. A device cannot tell its own blip from one of
   * the hub, after which all devices come back at once: give a fleet of thousands 15,000. Default: 1,000.
   */
  readonly firstDelayInMs?: number | undefined
  /** Longest wait before the second attempt, in milliseconds; it doubles with every attempt. Default: 1,000. */
  readonly baseDelayInMs?: number | undefined
  /** Longest wait between attempts, in milliseconds. Default: 30,000. */
  readonly maxDelayInMs?: number | undefined
  /**
   * Longest wait after the hub has refused the credentials, in milliseconds; the shortest is half of it. Hammering does
   * not help a disabled device, and the hub counts it. Default: 300,000.
   */
  readonly unauthorizedDelayInMs?: number | undefined
  /**
   * How long a session must last, in milliseconds, to count as good, so that the next loss starts at the first delay
   * again. Two devices with one identity throw each other out for ever; this is what slows them down. Default: 10,000.
   */
  readonly stableAfterInMs?: number | undefined
}

/** {@link ReconnectOptions} with the defaults filled in. */
export type ReconnectSettings = { readonly [TName in keyof ReconnectOptions]-?: number }

const defaults: ReconnectSettings = {
  firstDelayInMs: 1_000,
  baseDelayInMs: 1_000,
  maxDelayInMs: 30_000,
  unauthorizedDelayInMs: 300_000,
  stableAfterInMs: 10_000,
}

/** Shortest wait between two failed attempts, in milliseconds, lest full jitter draws zero again and again. */
const floorInMs = 500

/**
 * Fills in the defaults.
 *
 * @throws RangeError when a value is not a number of milliseconds of zero or more
 */
export function reconnectSettings(options: ReconnectOptions = {}): ReconnectSettings {
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

/**
 * Draws the wait before the next attempt to connect.
 *
 * @param attempts how many attempts in a row have led to no session, or to a short one; 0 after the loss of a good session
 * @param unauthorized whether the hub refused the credentials
 * @param random a number in [0, 1)
 * @returns milliseconds
 */
export function reconnectDelay(
  attempts: number,
  unauthorized: boolean,
  settings: ReconnectSettings,
  random: number,
): number {
  const { firstDelayInMs, baseDelayInMs, maxDelayInMs, unauthorizedDelayInMs } = settings
  if (unauthorized) return (unauthorizedDelayInMs * (1 + random)) / 2
  if (attempts === 0) return random * firstDelayInMs
  const ceiling = Math.min(maxDelayInMs, baseDelayInMs * 2 ** (attempts - 1))
  const floor = Math.min(floorInMs, ceiling / 2)
  return floor + random * (ceiling - floor)
}
