import { dayOfDate, type MaintenancePolicy, type WeeklyWindow, weekdays } from './maintenance-policy.ts'
import { dayInMs, instantOf, localDay, type TimeZone, timeZone } from './time-zone.ts'

/**
 * A time in which windows are open without a break, in milliseconds since 1970. The end does not belong to it; one that lies
 * beyond what is looked at is infinite.
 */
export interface OpenSpan {
  readonly start: number
  readonly end: number
}

/** How far windows are looked for, in days. */
const horizonInDays = 366

/**
 * The times in which a policy is open, in order, without those that are over; at most a year ahead. Pure.
 *
 * @param policy must be valid
 * @param now milliseconds since 1970
 */
export function* openSpans(policy: MaintenancePolicy, now: number): Generator<OpenSpan, void, undefined> {
  let last: OpenSpan | undefined
  for (const span of daySpans(policy, now)) {
    if (span.end <= now) continue
    if (last === undefined || span.start <= last.end) {
      last = last === undefined ? span : { start: last.start, end: Math.max(last.end, span.end) }
    } else {
      yield last
      last = span
    }
  }
  const horizon = now + (horizonInDays - 2) * dayInMs
  if (last !== undefined) yield last.end > horizon ? { start: last.start, end: Number.POSITIVE_INFINITY } : last
}

/** The spans of every day, by their starts; they may touch and overlap. */
function* daySpans(policy: MaintenancePolicy, now: number): Generator<OpenSpan, void, undefined> {
  if (policy.override !== undefined) yield { start: Number.NEGATIVE_INFINITY, end: Date.parse(policy.override.until) }
  const zone = timeZone(policy.timeZone ?? 'UTC')
  const blackouts = blackoutSpans(policy, zone)
  const today = localDay(zone, now)
  // A window is open for a day at most, so one that opened before yesterday is closed.
  for (let day = today - 1; day <= today + horizonInDays; day += 1) {
    yield* policy.windows
      .filter(({ days }) => days?.includes(weekdayOf(day)) ?? true)
      .map(window => spanOf(window, zone, day))
      .flatMap(span => without(span, blackouts))
      .toSorted((left, right) => left.start - right.start)
  }
}

function weekdayOf(day: number): (typeof weekdays)[number] {
  // 1970-01-01 was a Thursday.
  return weekdays[(((day + 4) % 7) + 7) % 7] ?? 'sunday'
}

function spanOf({ start, durationMinutes }: WeeklyWindow, zone: TimeZone, day: number): OpenSpan {
  const [hour, minute] = start.split(':').map(Number)
  const opens = instantOf(zone, day, (hour ?? 0) * 60 + (minute ?? 0))
  return { start: opens, end: opens + durationMinutes * 60_000 }
}

function blackoutSpans({ blackouts = [] }: MaintenancePolicy, zone: TimeZone): readonly OpenSpan[] {
  return blackouts.flatMap(({ from, to = from }) => {
    const [first, last] = [dayOfDate(from), dayOfDate(to)]
    if (first === undefined || last === undefined) return []
    return [{ start: instantOf(zone, first, 0), end: instantOf(zone, last + 1, 0) }]
  })
}

/** What is left of a span. */
function without(span: OpenSpan, holes: readonly OpenSpan[]): readonly OpenSpan[] {
  return holes.reduce<readonly OpenSpan[]>(
    (spans, hole) =>
      spans.flatMap(({ start, end }) =>
        [
          { start, end: Math.min(end, hole.start) },
          { start: Math.max(start, hole.end), end },
        ].filter(rest => rest.start < rest.end),
      ),
    [span],
  )
}
