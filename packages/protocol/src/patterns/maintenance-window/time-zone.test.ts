import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayInMs, instantOf, isTimeZone, localDay, timeZone } from './time-zone.ts'

function local(zone: string, time: string): string {
  const [date, clock] = time.split('T')
  const [hour, minute] = (clock ?? '').split(':').map(Number)
  const day = Date.parse(`${date}T00:00:00Z`) / dayInMs
  return new Date(instantOf(timeZone(zone), day, (hour ?? 0) * 60 + (minute ?? 0))).toISOString()
}

describe('timeZone', () => {
  it.each(['UTC', 'Europe/Oslo', 'America/New_York', 'Asia/Kathmandu', '+05:30', '-11:00', '+00:00'])(
    'knows %s',
    name => {
      expect(isTimeZone(name)).toBe(true)
    },
  )

  it.each(['', 'Oslo', 'Europe/Atlantis', '+5', '+25:00', '05:30', '__proto__'])('does not know %j', name => {
    expect(isTimeZone(name)).toBe(false)
    expect(() => timeZone(name)).toThrow(RangeError)
  })

  it.each([
    ['Europe/Oslo', '2026-01-15T12:00', '2026-01-15T11:00:00.000Z'],
    ['Europe/Oslo', '2026-07-15T12:00', '2026-07-15T10:00:00.000Z'],
    ['Asia/Kathmandu', '2026-07-15T12:00', '2026-07-15T06:15:00.000Z'],
    ['-03:30', '2026-07-15T12:00', '2026-07-15T15:30:00.000Z'],
    ['Pacific/Auckland', '2026-01-01T00:00', '2025-12-31T11:00:00.000Z'],
  ])('knows when it is in %s %s', (zone, time, instant) => {
    expect(local(zone, time)).toBe(instant)
  })

  it.each([
    // Clocks go from 02:00 to 03:00.
    ['Europe/Oslo', '2026-03-29T01:59', '2026-03-29T00:59:00.000Z'],
    ['Europe/Oslo', '2026-03-29T02:30', '2026-03-29T01:30:00.000Z'],
    ['Europe/Oslo', '2026-03-29T03:00', '2026-03-29T01:00:00.000Z'],
    // Clocks go by half an hour, from 02:00 to 02:30.
    ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:45:00.000Z'],
    // The change was at midnight.
    ['America/Sao_Paulo', '2018-11-04T00:30', '2018-11-04T03:30:00.000Z'],
  ])('takes a time that is left out for later: %s %s', (zone, time, instant) => {
    expect(local(zone, time)).toBe(instant)
  })

  it.each([
    ['Europe/Oslo', '2026-10-25T01:30', '2026-10-24T23:30:00.000Z'],
    ['Europe/Oslo', '2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
    ['Europe/Oslo', '2026-10-25T03:00', '2026-10-25T02:00:00.000Z'],
    ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00.000Z'],
  ])('takes a time that comes twice for the first: %s %s', (zone, time, instant) => {
    expect(local(zone, time)).toBe(instant)
  })

  it('finds every instant again, but for the second time that a time comes', () => {
    const zones = fc.constantFrom('Europe/Oslo', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Tehran', '+05:30')
    const minutes = fc.integer({ min: 0, max: 30 * 365 * 1440 })
    fc.assert(
      fc.property(zones, minutes, (name, minute) => {
        const zone = timeZone(name)
        const instant = minute * 60_000 + Date.UTC(2005, 0, 1)
        const day = localDay(zone, instant)
        const minuteOfDay = (instant + zone.offsetAt(instant) - day * dayInMs) / 60_000
        expect([0, 30, 60]).toContain((instant - instantOf(zone, day, minuteOfDay)) / 60_000)
      }),
    )
  })
})
