import { array, assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TrafficShaper } from './traffic-shaper.ts'

const tenPerSecond = { ratePerSecond: 10, burstInSeconds: 2, backlogInSeconds: 1, startsAtInMs: 0 }

function reserveMany(shaper: TrafficShaper, count: number, nowInMs: number): (number | undefined)[] {
  return Array.from({ length: count }, () => shaper.reserve(1, nowInMs))
}

describe('a traffic shaper', () => {
  it('takes the burst at once, then delays at its rate, then refuses', () => {
    const delays = reserveMany(new TrafficShaper(tenPerSecond), 32, 0)
    expect(delays.slice(0, 20)).toEqual(Array(20).fill(0))
    expect(delays.slice(20, 30)).toEqual([100, 200, 300, 400, 500, 600, 700, 800, 900, 1000])
    expect(delays.slice(30)).toEqual([undefined, undefined])
  })

  it('gets its burst back with time, and no more than that', () => {
    const shaper = new TrafficShaper(tenPerSecond)
    reserveMany(shaper, 20, 0)
    expect(reserveMany(shaper, 6, 500)).toEqual([0, 0, 0, 0, 0, 100])
    expect(reserveMany(shaper, 21, 3_600_000).filter(delay => delay === 0)).toHaveLength(20)
  })

  it('counts what is dearer than one', () => {
    const shaper = new TrafficShaper(tenPerSecond)
    expect([shaper.reserve(15, 0), shaper.reserve(10, 0), shaper.reserve(6, 0)]).toEqual([0, 500, undefined])
  })

  it('takes at least one operation, however slow it is', () => {
    const slow = new TrafficShaper({ ratePerSecond: 1 / 3, burstInSeconds: 0, backlogInSeconds: 3, startsAtInMs: 0 })
    expect(reserveMany(slow, 3, 0)).toEqual([0, 3000, undefined])
  })

  it('does not gain from a clock that is turned back', () => {
    const shaper = new TrafficShaper(tenPerSecond)
    reserveMany(shaper, 20, 1000)
    expect(shaper.reserve(1, 0)).toBe(100)
  })

  it('never lets more through than burst and rate allow, and keeps the order', () => {
    const arrivals = array(integer({ min: 0, max: 400 }), { maxLength: 200 })
    assert(
      property(arrivals, gaps => {
        const shaper = new TrafficShaper(tenPerSecond)
        const starts: number[] = []
        let now = 0
        for (const gap of gaps) {
          now += gap
          const delayInMs = shaper.reserve(1, now)
          if (delayInMs !== undefined) starts.push(now + delayInMs)
        }
        expect(starts).toEqual(starts.toSorted((a, b) => a - b))
        // One more: an operation may start in the millisecond in which its token is complete.
        for (const [index, start] of starts.entries()) expect(index + 1).toBeLessThanOrEqual(20 + start / 100 + 1)
      }),
    )
  })
})
