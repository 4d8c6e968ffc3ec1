import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { reconnectDelay, reconnectSettings } from './reconnect-delay.ts'

const settings = reconnectSettings()
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('the wait before the next attempt', () => {
  it('is under a second after the loss of a good session', () => {
    fc.assert(
      fc.property(random, drawn => {
        const delay = reconnectDelay(0, false, settings, drawn)
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThan(1_000)
      }),
    )
  })

  it('stays within half a second and 30 s however often it failed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), random, (attempts, drawn) => {
        const delay = reconnectDelay(attempts, false, settings, drawn)
        expect(delay).toBeGreaterThanOrEqual(500)
        expect(delay).toBeLessThanOrEqual(30_000)
      }),
    )
  })

  it('doubles its reach with every failure', () => {
    const reach = [1, 2, 3, 4, 5, 6, 7].map(attempts => Math.round(reconnectDelay(attempts, false, settings, 1)))
    expect(reach).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
  })

  it('is spread over its whole reach, so that devices that fell together come back apart', () => {
    const delays = [0, 0.5, 1].map(drawn => reconnectDelay(5, false, settings, drawn))
    expect(delays).toEqual([500, 8_250, 16_000])
  })

  it('is minutes long when the hub refuses the credentials', () => {
    fc.assert(
      fc.property(fc.nat(100), random, (attempts, drawn) => {
        const delay = reconnectDelay(attempts, true, settings, drawn)
        expect(delay).toBeGreaterThanOrEqual(150_000)
        expect(delay).toBeLessThanOrEqual(300_000)
      }),
    )
  })

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('refuses %s as a setting, by name', value => {
    expect(() => reconnectSettings({ maxDelayInMs: value })).toThrow(
      new RangeError(`reconnect.maxDelayInMs must be a number of milliseconds of 0 or more, not ${value}`),
    )
  })
})
