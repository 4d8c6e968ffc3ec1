import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { peakPerSecond, simulateOutage } from '../../test/reconnecting-fleet.ts'
import { seededRandom } from '../../test/seeded-random.ts'

const seeds = Array.from({ length: 20 }, (_, seed) => seed)

/** Attempts of 1,000 devices with the SDK's retry policy: one at the loss, and one after each of its waits. */
function attemptsOfSdk(outageInMs: number): number {
  const fromSdk = createRequire(createRequire(import.meta.url).resolve('azure-iot-device'))
  const { ExponentialBackOffWithJitter } = fromSdk('azure-iot-common')
  const policy = new ExponentialBackOffWithJitter()
  let attempts = 0
  for (let device = 0; device < 1_000; device += 1) {
    let time = 0
    for (let count = 1; ; count += 1) {
      attempts += 1
      if (time >= outageInMs) break
      time += policy.nextRetryTimeout(count, false)
    }
  }
  return attempts
}

describe('R11: 1,000 devices that lose their connections at once', () => {
  // A hub of tier S1 takes 100 connections a second (IoT Hub quotas and throttling).
  it.each([50, 1_000, 20_000, 120_000])(
    'come back after %i ms under the throttle of the hub, within 30 s',
    outageInMs => {
      for (const seed of seeds) {
        const { successTimesInMs } = simulateOutage({
          devices: 1_000,
          outageInMs,
          reconnect: {},
          random: seededRandom(seed),
        })
        expect(successTimesInMs).toHaveLength(1_000)
        expect(peakPerSecond(successTimesInMs), `seed ${seed}`).toBeLessThanOrEqual(100)
        expect(Math.max(...successTimesInMs) - outageInMs, `seed ${seed}`).toBeLessThanOrEqual(30_000)
      }
    },
  )

  it('come back under it whatever the outage, when the first attempt is spread over 25 s', () => {
    for (const outageInMs of [5_000, 10_000, 15_000, 25_000, 35_000]) {
      const reconnect = { firstDelayInMs: 25_000 }
      const { successTimesInMs } = simulateOutage({ devices: 1_000, outageInMs, reconnect, random: seededRandom(7) })
      expect(peakPerSecond(successTimesInMs), `outage of ${outageInMs} ms`).toBeLessThanOrEqual(100)
      expect(Math.max(...successTimesInMs) - outageInMs).toBeLessThanOrEqual(30_000)
    }
  })

  it('try at most half as often as with the policy of the SDK', () => {
    const { attemptTimesInMs } = simulateOutage({
      devices: 1_000,
      outageInMs: 120_000,
      reconnect: {},
      random: seededRandom(1),
    })
    expect(attemptTimesInMs.length).toBeLessThanOrEqual(attemptsOfSdk(120_000) / 2)
  })
})

describe('R11: a single device', () => {
  it('is back from a blip within 1.2 s', () => {
    for (const seed of seeds) {
      const reconnect = { profile: 'single' } as const
      const random = seededRandom(seed)
      const { successTimesInMs } = simulateOutage({ devices: 1, outageInMs: 0, reconnect, random })
      expect(successTimesInMs).toHaveLength(1)
      expect(successTimesInMs[0]).toBeLessThan(1_200)
    }
  })
})
