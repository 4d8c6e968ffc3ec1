import { describe, expect, it } from 'vitest'
import type { RolloutPlan } from '../rollout/plan/rollout-plan.ts'
import { type ForecastOptions, forecast } from './forecast.ts'

const plan: RolloutPlan = {
  rolloutId: 'r1',
  action: 'calibrate',
  request: {},
  target: '',
  excluded: [],
  waves: [{ size: { percent: 100 }, soakInMs: 0, needsApproval: false }],
  pace: { startsPerMinute: 100_000 },
  concurrency: 100_000,
  gates: [],
  silentAfterInMs: 60_000,
  overdueAfterInMs: 600_000,
  endTime: '2030-01-01T00:00:00.000Z',
  maxTries: 3,
}
const options: ForecastOptions = {
  tier: { name: 'S1' },
  devices: { connected: 1_000, disconnected: 0 },
  operationInMs: 60_000,
  reportsPerOperation: 1,
  requestBytes: 100,
  trackingIntervalInMs: 30_000,
  budgetShare: 1,
}

describe('forecast', () => {
  it('reckons as the published limits say: a thousand devices of an S1 by method are 25 s of starting', () => {
    const { waves, bottleneck, hubCalls } = forecast(plan, options)
    expect(bottleneck).toBe('directMethod')
    expect(waves).toHaveLength(1)
    expect(waves[0]?.durationInMs).toBeCloseTo(998 * 25 + 2 * 60_000) // the first one alone
    expect(hubCalls.directMethod).toBe(1_000)
  })

  it.each<[string, Partial<RolloutPlan>, Partial<ForecastOptions>]>([
    ['twinUpdate', {}, { reportsPerOperation: 8 }],
    ['pace', { pace: { startsPerMinute: 60 } }, {}],
    ['concurrency', { concurrency: 100 }, {}],
    ['directMethod', {}, { requestBytes: 40_000 }],
  ])('finds that it waits for %s', (bottleneck, planned, given) => {
    expect(forecast({ ...plan, ...planned }, { ...options, ...given }).bottleneck).toBe(bottleneck)
  })

  it('bills a method as two messages, a patch with its notice as two, and each report as one', () => {
    const devices = { connected: 600, disconnected: 400 }
    const { messages, hubCalls } = forecast(plan, { ...options, devices, trackingIntervalInMs: 1e9 })
    expect(hubCalls.query).toBe(10)
    expect(messages).toBe(600 * 2 + 400 * 2 + 1_000 + 10)
  })

  it('takes waves one after the other, with their soak', () => {
    const waves = [
      { size: { devices: 1 }, soakInMs: 5_000, needsApproval: false },
      { size: { percent: 10 }, soakInMs: 10_000, needsApproval: true },
      { size: { percent: 50 }, soakInMs: 0, needsApproval: false },
    ]
    const result = forecast({ ...plan, waves }, options)
    expect(result.waves.map(({ devices }) => devices)).toEqual([1, 99, 400])
    expect(result.hubCalls.directMethod).toBe(500)
    expect(result.durationInMs).toBeCloseTo(3 * 60_000 + 15_000 + (98 + 399) * 25)
  })

  it('has nothing to do for no device', () => {
    expect(forecast(plan, { ...options, devices: { connected: 0, disconnected: 0 } })).toMatchObject({
      durationInMs: 0,
      messages: 0,
    })
  })
})
