import { describe, expect, it } from 'vitest'
import { evidenceAgainst } from './evidence.ts'

describe('evidenceAgainst', () => {
  it('is 1 before anything was seen', () => {
    expect(evidenceAgainst(0, 0, 0.05)).toBe(1)
  })

  it('falls with every good one and grows with every bad one', () => {
    expect(evidenceAgainst(0, 1, 0.05)).toBeLessThan(1)
    expect(evidenceAgainst(1, 1, 0.05)).toBeGreaterThan(1)
    for (let bad = 0; bad < 50; bad += 1) {
      expect(evidenceAgainst(bad + 1, 100, 0.05)).toBeGreaterThan(evidenceAgainst(bad, 100, 0.05))
      expect(evidenceAgainst(bad, 101, 0.05)).toBeLessThan(evidenceAgainst(bad, 100, 0.05))
    }
  })

  it('averages to 1 over what the next device may be, at the limit: no way of looking can be misled for long', () => {
    for (const limit of [0.001, 0.05, 0.3]) {
      for (const [bad, sample] of [
        [0, 0],
        [1, 3],
        [4, 60],
      ] as const) {
        const next =
          limit * evidenceAgainst(bad + 1, sample + 1, limit) + (1 - limit) * evidenceAgainst(bad, sample + 1, limit)
        expect(next / evidenceAgainst(bad, sample, limit)).toBeCloseTo(1, 9)
      }
    }
  })

  it('stays finite, however many devices there are', () => {
    expect(Number.isFinite(evidenceAgainst(1_000_000, 1_000_000, 0.001))).toBe(true)
    expect(evidenceAgainst(0, 1_000_000, 0.001)).toBeGreaterThanOrEqual(0)
  })
})
