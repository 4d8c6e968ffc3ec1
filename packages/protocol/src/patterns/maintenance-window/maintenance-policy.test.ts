import { describe, expect, it } from 'vitest'
import { validate } from '../../schema/validate.ts'
import { maintenancePolicy } from './maintenance-policy.ts'

const night = { start: '02:00', durationMinutes: 60 }

function issues(policy: unknown): readonly string[] {
  const result = validate(maintenancePolicy, policy, 'policy')
  return result.valid ? [] : result.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

describe('maintenancePolicy', () => {
  it.each([
    { windows: [] },
    { windows: [night] },
    {
      timeZone: 'Europe/Oslo',
      windows: [{ ...night, days: ['saturday', 'sunday'] }],
      blackouts: [{ from: '2026-12-24', to: '2026-12-26' }, { from: '2028-02-29' }],
      actions: ['reboot'],
      spreadSeconds: 600,
      override: { until: '2026-11-21T12:00:00+01:00', reason: 'CVE-2026-1' },
      configurationOf: 'someone else',
    },
  ])('takes %j', policy => {
    expect(issues(policy)).toEqual([])
  })

  it.each<[unknown, string]>([
    [{}, 'windows'],
    [{ windows: [night], timeZone: 'Oslo' }, 'timeZone: must be a time zone such as Europe/Oslo, UTC or +05:30'],
    [{ windows: [{ ...night, start: '24:00' }] }, 'windows.0.start: must be a time of day such as 02:30'],
    [{ windows: [{ ...night, start: '2:00' }] }, 'windows.0.start'],
    [{ windows: [{ ...night, durationMinutes: 0 }] }, 'windows.0.durationMinutes'],
    [{ windows: [{ ...night, durationMinutes: 1441 }] }, 'windows.0.durationMinutes'],
    [{ windows: [{ ...night, days: [] }] }, 'windows.0.days'],
    [{ windows: [{ ...night, days: ['Monday'] }] }, 'windows.0.days.0'],
    [{ windows: Array.from({ length: 15 }, () => night) }, 'windows'],
    [{ windows: [], blackouts: [{ from: '2026-02-30' }] }, 'blackouts.0.from: must be a date such as 2026-12-24'],
    [{ windows: [], blackouts: [{ from: '2026-02-03', to: '2026-02-02' }] }, 'blackouts.0: must not end before'],
    [{ windows: [], actions: 'reboot' }, 'actions'],
    [{ windows: [], spreadSeconds: -1 }, 'spreadSeconds'],
    [{ windows: [], override: { until: 'tomorrow' } }, 'override.until: must be a time in ISO 8601'],
  ])('refuses %j', (policy, issue) => {
    expect(issues(policy).join()).toContain(issue)
  })
})
