import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

describe('a token bucket', () => {
  it('gives out its burst at once, then keeps the rate', () => {
    const bucket = new TokenBucket({ ratePerSecond: 10, burst: 3 })
    expect([1, 2, 3, 4, 5].map(() => bucket.take(0))).toEqual([0, 0, 0, 100, 200])
    expect(bucket.take(1_000)).toBe(0)
  })

  it('counts larger calls for more', () => {
    const bucket = new TokenBucket({ ratePerSecond: 10, burst: 1 })
    expect(bucket.take(0, 5)).toBe(0)
    expect(bucket.take(0)).toBe(500)
  })

  it('tells what is there', () => {
    const bucket = new TokenBucket({ ratePerSecond: 10, burst: 3 })
    expect(bucket.available(0)).toBe(3)
    bucket.take(0)
    bucket.take(0)
    expect(bucket.available(0)).toBe(1)
    expect(bucket.available(100)).toBe(2)
    expect(bucket.available(10_000)).toBe(3)
  })

  it('never gives out more than burst and rate, whenever it is asked', () => {
    const call = fc.record({ pauseInMs: fc.nat({ max: 500 }), tokens: fc.integer({ min: 1, max: 3 }) })
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 60 }), calls => {
        const bucket = new TokenBucket({ ratePerSecond: 20, burst: 5 })
        const given: { readonly atInMs: number; readonly tokens: number }[] = []
        let nowInMs = 0
        for (const { pauseInMs, tokens } of calls) {
          nowInMs += pauseInMs
          given.push({ atInMs: nowInMs + bucket.take(nowInMs, tokens), tokens })
        }
        for (const [first, from] of given.entries()) {
          let sum = 0
          for (const to of given.slice(first)) {
            sum += to.tokens
            expect(sum).toBeLessThanOrEqual(5 + ((to.atInMs - from.atInMs) / 1_000) * 20 + 1e-6)
          }
        }
      }),
    )
  })

  it('makes full use of its rate', () => {
    const bucket = new TokenBucket({ ratePerSecond: 40, burst: 10 })
    let lastInMs = 0
    for (let index = 0; index < 1_000; index += 1) lastInMs = bucket.take(0)
    expect(lastInMs).toBeCloseTo((1_000 - 10) * 25, 6)
  })
})

describe('a refusal', () => {
  it('stops everybody for as long as the hub says', () => {
    const bucket = new TokenBucket({ ratePerSecond: 10, burst: 3 })
    bucket.refused(0, 5_000)
    expect(bucket.available(4_999)).toBe(0)
    expect(bucket.take(0)).toBe(5_000)
  })

  it('lowers the rate, which comes back slowly', () => {
    const bucket = new TokenBucket({ ratePerSecond: 100, burst: 1 })
    bucket.refused(0)
    expect(bucket.rate(0)).toBeCloseTo(70)
    expect(bucket.rate(60_000)).toBeCloseTo(80)
    expect(bucket.rate(600_000)).toBe(100)
  })

  it('of many calls at once is one', () => {
    const bucket = new TokenBucket({ ratePerSecond: 100, burst: 1 })
    for (let index = 0; index < 50; index += 1) bucket.refused(index)
    expect(bucket.rate(50)).toBeCloseTo(70, 0)
  })

  it('never stops everything', () => {
    const bucket = new TokenBucket({ ratePerSecond: 100, burst: 1 })
    for (let index = 0; index < 100; index += 1) bucket.refused(index * 2_000)
    expect(bucket.rate(200_000)).toBeGreaterThanOrEqual(5)
  })
})
