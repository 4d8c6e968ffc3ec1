import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cohortOf } from './cohort.ts'

const ids = ['a', 'b', 'c', 'd', 'e', 'f']

function firstOf(salt: string): string | undefined {
  const cohorts = ids.map(deviceId => cohortOf(deviceId, salt))
  return ids[cohorts.indexOf(Math.min(...cohorts))]
}

describe('cohortOf', () => {
  it('is what other processes and later versions reckon', () => {
    expect(cohortOf('cam-1', 'rollout-1')).toBe(0.8420117632196629)
  })

  it('lies in [0, 1)', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (deviceId, salt) => {
        const cohort = cohortOf(deviceId, salt)
        expect(cohort).toBeGreaterThanOrEqual(0)
        expect(cohort).toBeLessThan(1)
      }),
    )
  })

  it('spreads ids that are alike evenly', () => {
    const deciles = Array.from({ length: 10 }, () => 0)
    for (let index = 0; index < 10_000; index += 1) {
      const decile = Math.floor(cohortOf(`cam-${index}`, 'rollout-1') * 10)
      deciles[decile] = (deciles[decile] ?? 0) + 1
    }
    // Six standard deviations of 30 about the mean of 1,000.
    for (const count of deciles) expect(Math.abs(count - 1_000)).toBeLessThan(180)
  })

  it('puts another device first with another salt', () => {
    expect(new Set(['1', '2', '3', '4'].map(firstOf)).size).toBeGreaterThan(1)
  })
})
