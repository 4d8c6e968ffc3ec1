import type { Effect } from '../../contract/action.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json-value.ts'
import type { MaintenancePolicy } from './maintenance-policy.ts'
import { openSpans } from './open-spans.ts'

/** What a device reports about its maintenance windows, beside the acknowledgement of the policy. */
export interface MaintenanceStatus {
  /** Whether what is held may begin now. */
  readonly open: boolean
  /** While it is closed: when it opens. Absent when no window opens within a year. */
  readonly nextOpening?: Date
  /** While it is open: when it closes. Absent when that is not within a year. */
  readonly nextClosing?: Date
}

/** What an action that is not named by the policy must not do outside of the windows. */
const disruptiveEffects: readonly Effect[] = ['restarts', 'losesData', 'irreversible']

/** Tells whether the operations of an action wait for a window. Pure. */
export function isHeldBy(policy: MaintenancePolicy, actionName: string, effects: readonly Effect[]): boolean {
  return policy.actions?.includes(actionName) ?? effects.some(effect => disruptiveEffects.includes(effect))
}

/**
 * Whether the windows of a policy are open, and when that changes. Pure.
 *
 * @example
 * ```ts
 * maintenanceStatus({ windows: [{ start: '02:00', durationMinutes: 60 }] }, new Date('2026-11-21T03:30:00Z'))
 * // { open: false, nextOpening: 2026-11-22T02:00:00.000Z }
 * ```
 */
export function maintenanceStatus(policy: MaintenancePolicy, now: Date): MaintenanceStatus {
  for (const { start, end } of openSpans(policy, now.getTime())) {
    if (start > now.getTime()) return { open: false, nextOpening: new Date(start) }
    return Number.isFinite(end) ? { open: true, nextClosing: new Date(end) } : { open: true }
  }
  return { open: false }
}

/**
 * When something that is held may begin. Pure.
 *
 * @param policy must be valid
 * @param fraction 0 or more, less than 1: how much of `spreadSeconds` this device waits after a window has opened
 * @returns `now` when that is at once; undefined when no window opens within a year
 * @example
 * ```ts
 * const policy = { timeZone: 'UTC', windows: [{ days: ['sunday'], start: '02:00', durationMinutes: 120 }] } as const
 * nextOpening(policy, new Date('2027-01-30T12:00:00Z')) // 2027-01-31T02:00:00.000Z, a Sunday
 * ```
 */
export function nextOpening(policy: MaintenancePolicy, now: Date, fraction = 0): Date | undefined {
  const spreadInMs = (policy.spreadSeconds ?? 0) * 1000
  for (const { start, end } of openSpans(policy, now.getTime())) {
    // Not beyond its end, and not after an override.
    const delayInMs = Number.isFinite(start) ? Math.floor(fraction * Math.min(spreadInMs, end - start)) : 0
    const begin = Math.max(now.getTime(), start + delayInMs)
    if (begin < end) return new Date(begin)
  }
  return undefined
}

/** Writes the status as reported properties hold it, beside the acknowledgement. */
export function encodeMaintenanceStatus({
  open,
  nextOpening: opens,
  nextClosing: closes,
}: MaintenanceStatus): JsonObject {
  return {
    open,
    ...(opens === undefined ? {} : { nextOpening: opens.toISOString() }),
    ...(closes === undefined ? {} : { nextClosing: closes.toISOString() }),
  }
}

/**
 * Reads the status that a device reports.
 *
 * @param section the reported section of the policy
 * @returns undefined when the device has no policy, or does not follow it
 */
export function decodeMaintenanceStatus(section: JsonValue | undefined): MaintenanceStatus | undefined {
  if (!isJsonObject(section) || typeof section.open !== 'boolean') return undefined
  const opens = toDate(section.nextOpening)
  const closes = toDate(section.nextClosing)
  return {
    open: section.open,
    ...(opens === undefined ? {} : { nextOpening: opens }),
    ...(closes === undefined ? {} : { nextClosing: closes }),
  }
}

function toDate(value: JsonValue | undefined): Date | undefined {
  const date = new Date(typeof value === 'string' ? value : Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}
