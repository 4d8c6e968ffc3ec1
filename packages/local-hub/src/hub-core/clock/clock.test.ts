import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../system-clock.ts'
import { formatHubTime, formatTimeOrNever, toTicks } from './hub-time.ts'
import { ManualClock } from './manual-clock.ts'

describe('ManualClock', () => {
  it('runs what falls due in order of time, also what is scheduled on the way', () => {
    const clock = new ManualClock(0)
    const seen: string[] = []
    const note = (name: string) => (): void => void seen.push(`${name}@${clock.now()}`)
    clock.setTimeout(note('late'), 20)
    clock.setTimeout(() => {
      note('early')()
      clock.setTimeout(note('nested'), 5)
    }, 10)
    const cancel = clock.setTimeout(note('cancelled'), 12)
    cancel()
    clock.advance(19)
    expect(seen).toEqual(['early@10', 'nested@15'])
    expect([clock.now(), clock.pendingTimers]).toEqual([19, 1])
    clock.advance(1)
    expect(seen.at(-1)).toBe('late@20')
  })
})

describe('systemClock', () => {
  it('waits for months, and can be cancelled on the way', () => {
    vi.useFakeTimers()
    try {
      const month = 30 * 24 * 3_600_000
      const seen: string[] = []
      systemClock.setTimeout(() => seen.push('done'), 3 * month)
      const cancel = systemClock.setTimeout(() => seen.push('cancelled'), 2 * month)
      vi.advanceTimersByTime(month)
      expect(seen).toEqual([])
      cancel()
      vi.advanceTimersByTime(2 * month)
      expect(seen).toEqual(['done'])
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('times', () => {
  it('are written as the hub does', () => {
    expect(formatHubTime(Date.UTC(2020, 0, 30, 17, 35, 15, 424))).toBe('2020-01-30T17:35:15.4240000Z')
    expect(formatTimeOrNever(undefined)).toBe('0001-01-01T00:00:00Z')
    expect(toTicks(0)).toBe(621_355_968_000_000_000n)
  })
})
