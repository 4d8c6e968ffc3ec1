import * as v from 'valibot'
import type { Schema } from '../../schema/standard-schema.ts'
import { dayInMs, isTimeZone } from './time-zone.ts'

/** The days of a week, in the order of `Date.getUTCDay`. */
export const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const

/** A day of the week. */
export type Weekday = (typeof weekdays)[number]

/** A time of the week in which held actions may begin. */
export interface WeeklyWindow {
  /** The days on which it opens; left out: every day. */
  readonly days?: readonly Weekday[] | undefined
  /** When it opens, by the clock on the wall: `HH:MM`. */
  readonly start: string
  /** How long it stays open, in minutes that pass, 1 to 1440: a change of the clocks makes it neither longer nor shorter. */
  readonly durationMinutes: number
}

/** Days without a window, by the calendar of the policy's time zone. */
export interface Blackout {
  /** The first day, `YYYY-MM-DD`. */
  readonly from: string
  /** The last day; left out: the first one. */
  readonly to?: string | undefined
}

/** Lets everything begin at once, for an emergency. */
export interface MaintenanceOverride {
  /** Until when. ISO 8601 with an offset or `Z`. It ends by itself, so that nobody has to remember to take it back. */
  readonly until: string
  /** For people. */
  readonly reason?: string | undefined
}

/**
 * When a device may be disturbed: the section `maintenanceWindow` of the desired properties. Outside of its windows, operations of
 * the held actions are accepted and wait.
 */
export interface MaintenancePolicy {
  /** Where the clock on the wall hangs: an IANA name, `UTC`, or an offset such as `+05:30`. Default: UTC. */
  readonly timeZone?: string | undefined
  /** At most 14. None: nothing that is held begins. */
  readonly windows: readonly WeeklyWindow[]
  /** At most 16. */
  readonly blackouts?: readonly Blackout[] | undefined
  /**
   * Names of the actions that are held, at most 32; names that the device does not know are passed over. Left out: those that
   * restart the device, lose data, or cannot be undone, by the effects in the contract.
   */
  readonly actions?: readonly string[] | undefined
  /** Devices begin at a random time within so many seconds after a window has opened, so that a fleet does not begin at once. */
  readonly spreadSeconds?: number | undefined
  readonly override?: MaintenanceOverride | undefined
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

const date = v.pipe(
  v.string(),
  v.check(text => dayOfDate(text) !== undefined, 'must be a date such as 2026-12-24'),
)

/** Schema of {@link MaintenancePolicy}. Members that are not known are passed over. */
export const maintenancePolicy: Schema<MaintenancePolicy, MaintenancePolicy> = v.object({
  timeZone: v.optional(
    v.pipe(v.string(), v.maxLength(64), v.check(isTimeZone, 'must be a time zone such as Europe/Oslo, UTC or +05:30')),
  ),
  windows: v.pipe(
    v.array(
      v.object({
        days: v.optional(v.pipe(v.array(v.picklist(weekdays)), v.minLength(1), v.maxLength(7))),
        start: v.pipe(v.string(), v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day such as 02:30')),
        durationMinutes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1440)),
      }),
    ),
    v.maxLength(14),
  ),
  blackouts: v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.object({ from: date, to: v.optional(date) }),
          v.check(({ from, to = from }) => from <= to, 'must not end before it begins'),
        ),
      ),
      v.maxLength(16),
    ),
  ),
  actions: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(32))),
  spreadSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400))),
  override: v.optional(
    v.object({
      until: v.pipe(
        v.string(),
        v.check(
          text => isoTime.test(text) && !Number.isNaN(Date.parse(text)),
          'must be a time in ISO 8601, such as 2027-01-31T12:00:00Z',
        ),
      ),
      reason: v.optional(v.pipe(v.string(), v.maxLength(128))),
    }),
  ),
})

/**
 * The day of a date, counted from 1970-01-01.
 *
 * @returns undefined when there is no such date
 */
export function dayOfDate(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return undefined
  const midnight = new Date(`${text}T00:00:00Z`)
  // The 30th of February would be taken for the 2nd of March.
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text)
    ? midnight.getTime() / dayInMs
    : undefined
}
