import { describe, expect, it } from 'vitest'
import { type HubTier, resolveTier } from './hub-tier.ts'
import type { OperationKind } from './operation.ts'
import { throttleCost, tierLimits } from './tier-limits.ts'

const limitsOf = (tier: HubTier): ReturnType<typeof tierLimits> => tierLimits(resolveTier(tier))

describe('the limits of a tier', () => {
  it.each<[OperationKind, number, number, number]>([
    // Performance reference 3.1, one unit: S1, S2, S3.
    ['directMethod', 40, 120, 6000],
    ['twinRead', 100, 100, 500],
    ['twinUpdate', 50, 50, 250],
    ['query', 20 / 60, 20 / 60, 1000 / 60],
    ['jobDeviceOperation', 10, 10, 50],
    ['jobOperation', 100 / 60, 100 / 60, 5000 / 60],
    ['deviceConnection', 100, 120, 6000],
    ['identityOperation', 100 / 60, 100 / 60, 5000 / 60],
    ['configurationOperation', 20 / 60, 20 / 60, 20 / 60],
  ])('are the published ones for %s', (kind, s1, s2, s3) => {
    const rates = (['S1', 'S2', 'S3'] as const).map(name => limitsOf({ name }).operationsPerSecond[kind])
    expect(rates).toEqual([s1, s2, s3])
    expect(limitsOf({ name: 'F1' }).operationsPerSecond[kind]).toBe(s1)
  })

  it('grow with the units where the table says so', () => {
    const { operationsPerSecond, messagesPerDay } = limitsOf({ name: 'S1', units: 10 })
    expect(operationsPerSecond).toMatchObject({
      directMethod: 400,
      twinRead: 100,
      twinUpdate: 50,
      deviceConnection: 120,
    })
    expect(messagesPerDay).toBe(4_000_000)
    expect(limitsOf({ name: 'S2', units: 20 }).operationsPerSecond).toMatchObject({ twinRead: 200, twinUpdate: 100 })
  })

  it('are the small ones of a free hub', () => {
    expect(limitsOf({ name: 'F1' })).toMatchObject({ messagesPerDay: 8000, messageSizeInBytes: 512, concurrentJobs: 1 })
    expect(() => limitsOf({ name: 'F1', units: 2 })).toThrow(
      /tier\.units: expected an integer from 1 to 1 for F1, got 2/,
    )
  })

  it.each([{ units: 0 }, { units: 1.5 }, { units: 201 }, { burstInSeconds: -1 }, { backlogInSeconds: Number.NaN }])(
    'do not exist for %o',
    options => {
      expect(() => limitsOf({ name: 'S1', ...options })).toThrow(RangeError)
    },
  )

  it('meter methods in steps of 4 KB of the request', () => {
    expect([0, 1, 4096, 4097, 131_072].map(size => throttleCost('directMethod', size))).toEqual([1, 1, 1, 2, 32])
    expect(throttleCost('twinUpdate', 131_072)).toBe(1)
  })
})
