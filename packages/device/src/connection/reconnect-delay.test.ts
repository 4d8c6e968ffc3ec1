import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reconnectDelay, reconnectSettings } from './reconnect-delay.ts'

const settings = reconnectSettings({ profile: 'single' })
const fleet = reconnectSettings()
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('the wait before the next attempt', () => {
  it('is under a second after the loss of a good session, for a single device', () => {
    fc.assert(
      fc.property(random, drawn => {
        const delay = reconnectDelay(0, undefined, settings, drawn)
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThan(1_000)
      }),
    )
  })

  it('stays within half a second and 30 s however often it failed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), random, (attempts, drawn) => {
        const delay = reconnectDelay(attempts, undefined, settings, drawn)
        expect(delay).toBeGreaterThanOrEqual(500)
        expect(delay).toBeLessThanOrEqual(30_000)
      }),
    )
  })

  it('doubles its reach with every failure', () => {
    const reach = [1, 2, 3, 4, 5, 6, 7].map(attempts => Math.round(reconnectDelay(attempts, undefined, settings, 1)))
    expect(reach).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  it('is spread over its whole reach, so that devices that fell together come back apart', () => {
    const delays = [0, 0.5, 1].map(drawn => reconnectDelay(5, undefined, settings, drawn))
    expect(delays).toEqual([500, 8_250, 16_000])
  })

  it('is minutes long when the hub refuses the credentials', () => {
    fc.assert(
      fc.property(fc.nat(100), random, (attempts, drawn) => {
        const delay = reconnectDelay(attempts, 'unauthorized', settings, drawn)
        expect(delay).toBeGreaterThanOrEqual(150_000)
        expect(delay).toBeLessThanOrEqual(300_000)
      }),
    )
  })

  it('is spread over 15 s after the loss of a good session, for a fleet', () => {
    expect([0, 0.5, 1].map(drawn => reconnectDelay(0, undefined, fleet, drawn))).toEqual([0, 7_500, 15_000])
  })

  it('is half a minute to a minute when another device seems to use the identity', () => {
    expect([0, 1].map(drawn => reconnectDelay(3, 'identityConflict', settings, drawn))).toEqual([30_000, 60_000])
  })

  it('refuses a profile that it does not know', () => {
    // @ts-expect-error there are two profiles
    expect(() => reconnectSettings({ profile: 'swarm' })).toThrow(
      new TypeError(`reconnect.profile must be 'fleet' or 'single', not "swarm"`),
    )
  })

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('refuses %s as a setting, by name', value => {
    expect(() => reconnectSettings({ maxDelayInMs: value })).toThrow(
      new RangeError(`reconnect.maxDelayInMs must be a number of milliseconds of 0 or more, not ${value}`),
    )
  })
})
