/** The tier of an IoT hub and how many units of it there are. */
export interface HubTier {
  readonly name: 'F1' | 'S1' | 'S2' | 'S3'
  /** @default 1 */
  readonly units?: number | undefined
}

/** The kinds of calls that a back end makes, as a hub counts and limits them. */
export const hubOperations = [
  'directMethod',
  'twinRead',
  'twinUpdate',
  'query',
  'job',
  'configuration',
  'registry',
] as const

/** One of {@link hubOperations}. */
export type HubOperation = (typeof hubOperations)[number]

/** What a hub of a tier takes. */
export interface HubLimits {
  /** Calls a second, of each kind. A direct method counts once for every 4 KB of its request. */
  readonly callsPerSecond: Readonly<Record<HubOperation, number>>
  /** Devices a second that one job reaches. */
  readonly jobDevicesPerSecond: number
  readonly messagesPerDay: number
}

const perMinute = (calls: number): number => calls / 60

/**
 * The limits of a hub ("IoT Hub quotas and throttling"). A hub shapes what goes a little beyond them, and then answers 429.
 *
 * @throws RangeError when the units are no number of units of the tier
 */
export function hubLimits({ name, units = 1 }: HubTier): HubLimits {
  const maxUnits = { F1: 1, S1: 200, S2: 200, S3: 10 }[name]
  if (!Number.isInteger(units) || units < 1 || units > maxUnits) {
    throw new RangeError(`tier.units: expected an integer from 1 to ${maxUnits} for ${name}, got ${units}`)
  }
  const managed = name === 'S3' ? 5_000 : 100
  const common = {
    query: perMinute((name === 'S3' ? 1_000 : 20) * units),
    job: perMinute(managed * units),
    registry: perMinute(managed * units),
    configuration: perMinute(20 * units),
  }
  switch (name) {
    case 'F1':
    case 'S1':
      return {
        callsPerSecond: { directMethod: 40 * units, twinRead: 100, twinUpdate: 50, ...common },
        jobDevicesPerSecond: 10,
        messagesPerDay: (name === 'F1' ? 8_000 : 400_000) * units,
      }
    case 'S2':
      return {
        callsPerSecond: {
          directMethod: 120 * units,
          twinRead: Math.max(100, 10 * units),
          twinUpdate: Math.max(50, 5 * units),
          ...common,
        },
        jobDevicesPerSecond: Math.max(10, units),
        messagesPerDay: 6_000_000 * units,
      }
    case 'S3':
      return {
        callsPerSecond: { directMethod: 6_000 * units, twinRead: 500 * units, twinUpdate: 250 * units, ...common },
        jobDevicesPerSecond: 50 * units,
        messagesPerDay: 300_000_000 * units,
      }
  }
}
