/** The clock on the wall somewhere, by its distance from UTC. */
export interface TimeZone {
  /** How far it is ahead of UTC at an instant, in milliseconds. */
  offsetAt(instantInMs: number): number
}

/** Milliseconds in a day of 24 hours. */
export const dayInMs = 86_400_000

const fixedOffset = /^([+-])([01]\d|2[0-3]):([0-5]\d)$/

/**
 * A time zone by its name.
 *
 * @param name an IANA name such as `Europe/Oslo`, `UTC`, or a fixed offset such as `+05:30`
 * @throws RangeError when the software of this machine does not know it
 */
export function timeZone(name: string): TimeZone {
  const [, sign, hours, minutes] = fixedOffset.exec(name) ?? []
  if (sign !== undefined) {
    const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000)
    return { offsetAt: () => offset }
  }
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'iso8601',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return {
    offsetAt(instantInMs) {
      const parts = new Map(format.formatToParts(instantInMs).map(({ type, value }) => [type, Number(value)]))
      const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? Number.NaN
      const day = Date.UTC(part('year'), part('month') - 1, part('day'))
      const local = day + ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1000
      return local - Math.floor(instantInMs / 1000) * 1000
    },
  }
}

/** Tells whether the software of this machine knows a time zone. */
export function isTimeZone(name: string): boolean {
  try {
    timeZone(name)
    return true
  } catch {
    return false
  }
}

/** The day on the wall at an instant, counted from 1970-01-01. */
export function localDay(zone: TimeZone, instantInMs: number): number {
  return Math.floor((instantInMs + zone.offsetAt(instantInMs)) / dayInMs)
}

/**
 * When the clock on the wall shows a time. Of a time that comes twice, as clocks are set back, the first; of one that is left out, as
 * they are set forward, as long after the change as it would have been: what Temporal calls `compatible`.
 *
 * @param day counted from 1970-01-01
 * @param minute of the day
 * @returns milliseconds since 1970
 */
export function instantOf(zone: TimeZone, day: number, minute: number): number {
  const local = day * dayInMs + minute * 60_000
  const before = local - zone.offsetAt(local - dayInMs)
  const after = local - zone.offsetAt(local + dayInMs)
  const [first] = [before, after].filter(instant => instant + zone.offsetAt(instant) === local).toSorted(ascending)
  return first ?? before
}

function ascending(left: number, right: number): number {
  return left - right
}
