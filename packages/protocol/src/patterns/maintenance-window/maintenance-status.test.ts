import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type MaintenancePolicy, weekdays } from './maintenance-policy.ts'
import {
  decodeMaintenanceStatus,
  encodeMaintenanceStatus,
  isHeldBy,
  maintenanceStatus,
  nextOpening,
} from './maintenance-status.ts'

function statusAt(policy: MaintenancePolicy, now: string) {
  return encodeMaintenanceStatus(maintenanceStatus(policy, new Date(now)))
}

const weekend: MaintenancePolicy = {
  timeZone: 'Europe/Oslo',
  windows: [{ days: ['saturday', 'sunday'], start: '02:00', durationMinutes: 120 }],
}

describe('maintenanceStatus', () => {
  it.each([
    ['2026-11-20T12:00:00Z', { open: false, nextOpening: '2026-11-21T01:00:00.000Z' }],
    ['2026-11-21T00:59:59.999Z', { open: false, nextOpening: '2026-11-21T01:00:00.000Z' }],
    ['2026-11-21T01:00:00Z', { open: true, nextClosing: '2026-11-21T03:00:00.000Z' }],
    ['2026-11-21T02:59:59.999Z', { open: true, nextClosing: '2026-11-21T03:00:00.000Z' }],
    ['2026-11-21T03:00:00Z', { open: false, nextOpening: '2026-11-22T01:00:00.000Z' }],
    ['2026-11-22T03:00:00Z', { open: false, nextOpening: '2026-11-28T01:00:00.000Z' }],
  ])('knows at %s', (now, status) => {
    expect(statusAt(weekend, now)).toEqual(status)
  })

  it('is by the clock on the wall, and as long as it says, when the clocks change', () => {
    // Set forward at 02:00: what opens at 02:00 opens at 03:00.
    expect(statusAt(weekend, '2026-03-28T12:00:00Z')).toEqual({ open: false, nextOpening: '2026-03-29T01:00:00.000Z' })
    expect(statusAt(weekend, '2026-03-29T01:00:00Z')).toEqual({ open: true, nextClosing: '2026-03-29T03:00:00.000Z' })
    // Set back at 03:00: the second 02:00 does not open it again.
    expect(statusAt(weekend, '2026-10-25T00:00:00Z')).toEqual({ open: true, nextClosing: '2026-10-25T02:00:00.000Z' })
    expect(statusAt(weekend, '2026-10-25T02:00:00Z')).toEqual({ open: false, nextOpening: '2026-10-31T01:00:00.000Z' })
  })

  it('goes on over midnight, on the days after those that open it', () => {
    const late: MaintenancePolicy = { windows: [{ days: ['friday'], start: '23:00', durationMinutes: 180 }] }
    expect(statusAt(late, '2026-11-21T01:59:00Z')).toEqual({ open: true, nextClosing: '2026-11-21T02:00:00.000Z' })
    expect(statusAt(late, '2026-11-21T23:30:00Z')).toEqual({ open: false, nextOpening: '2026-11-27T23:00:00.000Z' })
  })

  it('takes windows that touch or overlap for one', () => {
    const windows = [
      { start: '01:00', durationMinutes: 60 },
      { start: '02:00', durationMinutes: 60 },
      { start: '02:30', durationMinutes: 10 },
    ]
    expect(statusAt({ windows }, '2026-11-21T01:10:00Z')).toEqual({
      open: true,
      nextClosing: '2026-11-21T03:00:00.000Z',
    })
  })

  it('is closed on the days of a blackout, from midnight to midnight', () => {
    const policy: MaintenancePolicy = {
      timeZone: '+01:00',
      windows: [{ start: '22:00', durationMinutes: 240 }],
      blackouts: [{ from: '2026-12-24', to: '2026-12-26' }],
    }
    expect(statusAt(policy, '2026-12-23T22:30:00Z')).toEqual({ open: true, nextClosing: '2026-12-23T23:00:00.000Z' })
    // The window of the 26th goes on into the 27th.
    expect(statusAt(policy, '2026-12-24T21:30:00Z')).toEqual({ open: false, nextOpening: '2026-12-26T23:00:00.000Z' })
    expect(statusAt(policy, '2026-12-26T23:00:00Z')).toEqual({ open: true, nextClosing: '2026-12-27T01:00:00.000Z' })
  })

  it('has nothing to announce when it never opens, or never closes', () => {
    const never = { windows: [], blackouts: [{ from: '2026-01-01' }] }
    expect(statusAt(never, '2026-11-21T00:00:00Z')).toEqual({ open: false })
    expect(nextOpening(never, new Date('2026-11-21T00:00:00Z'))).toBeUndefined()
    const always: MaintenancePolicy = { timeZone: 'Europe/Oslo', windows: [{ start: '00:00', durationMinutes: 1440 }] }
    const blackout = { ...always, blackouts: [{ from: '2026-01-01', to: '2036-01-01' }] }
    expect(statusAt(blackout, '2026-11-21T00:00:00Z')).toEqual({ open: false })
    expect(statusAt({ windows: always.windows }, '2026-11-21T00:00:00Z')).toEqual({ open: true })
  })

  it('is open while an override lasts, and longer where a window is', () => {
    const until = '2026-11-20T12:00:00Z'
    const policy = { ...weekend, override: { until } }
    expect(statusAt(policy, '2026-11-20T11:59:59Z')).toEqual({ open: true, nextClosing: '2026-11-20T12:00:00.000Z' })
    expect(statusAt(policy, until)).toEqual({ open: false, nextOpening: '2026-11-21T01:00:00.000Z' })
    const longer = { ...weekend, override: { until: '2026-11-21T01:30:00Z' } }
    expect(statusAt(longer, '2026-11-20T11:59:59Z')).toEqual({ open: true, nextClosing: '2026-11-21T03:00:00.000Z' })
  })

  it('agrees with the calendar of a zone without changes, for any policy', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 0, max: 20_000 }), (policy, minute) => {
        const now = new Date(Date.UTC(2026, 10, 16) + minute * 60_000)
        expect(maintenanceStatus(policy, now).open).toBe(isOpenByCalendar(policy, now))
        const next = nextOpening(policy, now)
        const limit = next === undefined ? now.getTime() + 8 * 86_400_000 : next.getTime()
        for (let time = now.getTime(); time < limit; time += 60_000) {
          expect(isOpenByCalendar(policy, new Date(time))).toBe(false)
        }
        if (next !== undefined) expect(isOpenByCalendar(policy, next)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })
})

const policies: fc.Arbitrary<MaintenancePolicy> = fc.record({
  windows: fc.array(
    fc.record(
      {
        days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1 }),
        start: fc
          .record({ hour: fc.nat(23), minute: fc.nat(59) })
          .map(({ hour, minute }) => `${two(hour)}:${two(minute)}`),
        durationMinutes: fc.integer({ min: 1, max: 1440 }),
      },
      { requiredKeys: ['start', 'durationMinutes'] },
    ),
    { maxLength: 3 },
  ),
  blackouts: fc.array(
    fc.integer({ min: 16, max: 29 }).map(day => ({ from: `2026-11-${day}` })),
    { maxLength: 2 },
  ),
})

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** Looks every window up in the calendar of UTC. */
function isOpenByCalendar({ windows, blackouts = [] }: MaintenancePolicy, now: Date): boolean {
  if (blackouts.some(({ from }) => now.toISOString().startsWith(from))) return false
  return windows.some(({ days = weekdays, start, durationMinutes }) =>
    [0, 1].some(daysAgo => {
      const date = new Date(now.getTime() - daysAgo * 86_400_000).toISOString().slice(0, 10)
      const opened = new Date(`${date}T${start}:00Z`)
      const day = weekdays[opened.getUTCDay()]
      const minutes = (now.getTime() - opened.getTime()) / 60_000
      return day !== undefined && days.includes(day) && minutes >= 0 && minutes < durationMinutes
    }),
  )
}

describe('nextOpening', () => {
  const policy: MaintenancePolicy = { windows: [{ start: '02:00', durationMinutes: 60 }], spreadSeconds: 600 }

  it.each([
    ['2026-11-21T01:00:00Z', 0, '2026-11-21T02:00:00.000Z'],
    ['2026-11-21T01:00:00Z', 0.5, '2026-11-21T02:05:00.000Z'],
    ['2026-11-21T02:01:00Z', 0.5, '2026-11-21T02:05:00.000Z'],
    ['2026-11-21T02:06:00Z', 0.5, '2026-11-21T02:06:00.000Z'],
    ['2026-11-21T03:00:00Z', 0.5, '2026-11-22T02:05:00.000Z'],
  ])('at %s, spread by %d', (now, fraction, opening) => {
    expect(nextOpening(policy, new Date(now), fraction)?.toISOString()).toBe(opening)
  })

  it('never spreads beyond the end of a window, nor when an override is in force', () => {
    const short = { ...policy, spreadSeconds: 86_400 }
    const opening = nextOpening(short, new Date('2026-11-21T01:00:00Z'), 0.999_999)
    expect(opening?.getTime()).toBeLessThan(Date.parse('2026-11-21T03:00:00Z'))
    const now = new Date('2026-11-21T12:00:00Z')
    expect(nextOpening({ ...short, override: { until: '2026-11-21T13:00:00Z' } }, now, 0.5)).toEqual(now)
  })
})

describe('isHeldBy', () => {
  it('holds what disturbs, unless the policy names the actions', () => {
    expect(isHeldBy({ windows: [] }, 'reboot', ['idempotent', 'restarts'])).toBe(true)
    expect(isHeldBy({ windows: [] }, 'wipe', ['losesData'])).toBe(true)
    expect(isHeldBy({ windows: [] }, 'calibrate', ['idempotent'])).toBe(false)
    expect(isHeldBy({ windows: [], actions: ['calibrate'] }, 'calibrate', ['idempotent'])).toBe(true)
    expect(isHeldBy({ windows: [], actions: ['calibrate'] }, 'reboot', ['restarts'])).toBe(false)
    expect(isHeldBy({ windows: [], actions: [] }, 'reboot', ['restarts'])).toBe(false)
  })
})

describe('decodeMaintenanceStatus', () => {
  it('reads what was encoded', () => {
    const open = { open: true, nextClosing: new Date(0) }
    expect(decodeMaintenanceStatus(encodeMaintenanceStatus(open))).toEqual(open)
    const closed = { open: false, nextOpening: new Date(0) }
    expect(decodeMaintenanceStatus({ ...encodeMaintenanceStatus(closed), ac: 200 })).toEqual(closed)
  })

  it.each([undefined, null, 5, [], {}, { open: 'yes' }])('takes %j for nothing', section => {
    expect(decodeMaintenanceStatus(section)).toBeUndefined()
  })

  it('passes over what is no time', () => {
    expect(decodeMaintenanceStatus({ open: false, nextOpening: 'soon', nextClosing: 5 })).toEqual({ open: false })
  })
})
