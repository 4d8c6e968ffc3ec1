import { describe, expect, it } from 'vitest'
import { type HubOperation, type HubTier, hubLimits } from './hub-tier.ts'

describe('hubLimits', () => {
  it.each<[HubOperation, number, number, number]>([
    // IoT Hub quotas and throttling, one unit: S1, S2, S3.
    ['directMethod', 40, 120, 6_000],
    ['twinRead', 100, 100, 500],
    ['twinUpdate', 50, 50, 250],
    ['query', 20 / 60, 20 / 60, 1_000 / 60],
    ['job', 100 / 60, 100 / 60, 5_000 / 60],
    ['registry', 100 / 60, 100 / 60, 5_000 / 60],
    ['configuration', 20 / 60, 20 / 60, 20 / 60],
  ])('are the published ones for %s', (operation, s1, s2, s3) => {
    const rates = (['S1', 'S2', 'S3'] as const).map(name => hubLimits({ name }).callsPerSecond[operation])
    expect(rates).toEqual([s1, s2, s3])
    expect(hubLimits({ name: 'F1' }).callsPerSecond[operation]).toBe(s1)
  })

  it.each<[HubTier, number, number]>([
    [{ name: 'F1' }, 10, 8_000],
    [{ name: 'S1', units: 3 }, 10, 1_200_000],
    [{ name: 'S2', units: 20 }, 20, 120_000_000],
    [{ name: 'S3', units: 2 }, 100, 600_000_000],
  ])('of %j are %d devices a second of a job, and %d messages a day', (tier, devices, messages) => {
    expect(hubLimits(tier)).toMatchObject({ jobDevicesPerSecond: devices, messagesPerDay: messages })
  })

  it('grow with the units where the table says so', () => {
    expect(hubLimits({ name: 'S1', units: 10 }).callsPerSecond).toMatchObject({
      directMethod: 400,
      twinRead: 100,
      twinUpdate: 50,
    })
    expect(hubLimits({ name: 'S2', units: 20 }).callsPerSecond).toMatchObject({ twinRead: 200, twinUpdate: 100 })
  })

  it.each([0, 1.5, 201, Number.NaN])('do not exist for %d units', units => {
    expect(() => hubLimits({ name: 'S1', units })).toThrow(RangeError)
  })

  it('do not exist for two free units', () => {
    expect(() => hubLimits({ name: 'F1', units: 2 })).toThrow(
      'tier.units: expected an integer from 1 to 1 for F1, got 2',
    )
  })
})
