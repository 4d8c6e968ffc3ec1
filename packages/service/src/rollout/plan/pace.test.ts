import { expect, it } from 'vitest'
import { startsPerMinute } from './pace.ts'

it('is constant without growth', () => {
  expect(startsPerMinute({ startsPerMinute: 50 }, 10_000)).toBe(50)
})

it('grows with the devices that have succeeded, up to its limit', () => {
  const pace = { startsPerMinute: 10, growth: { factor: 2, everySucceeded: 100, maxStartsPerMinute: 60 } }
  expect([0, 99, 100, 199, 200, 300, 1_000_000].map(succeeded => startsPerMinute(pace, succeeded))).toEqual([
    10, 10, 20, 20, 40, 60, 60,
  ])
})
