import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { waveEnd } from './wave.ts'

const cohorts = [0.1, 0.2, 0.5, 0.9]

describe('waveEnd', () => {
  it.each([
    [{ devices: 1 }, 1],
    [{ devices: 3 }, 3],
    [{ devices: 4 }, 4],
    [{ devices: 99 }, 4],
    [{ percent: 15 }, 1],
    [{ percent: 100 }, 4],
  ])('%j takes %i of the devices', (size, count) => {
    const end = waveEnd(size, cohorts, 0)
    expect(cohorts.filter(cohort => cohort < end)).toHaveLength(count)
  })

  it('never takes devices back', () => {
    expect(waveEnd({ percent: 5 }, cohorts, 0.4)).toBe(0.4)
    expect(waveEnd({ devices: 1 }, cohorts, 0.4)).toBe(0.4)
  })

  it('takes exactly as many as it says, whatever their cohorts', () => {
    const line = fc.uniqueArray(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1 })
    fc.assert(
      fc.property(line, fc.nat({ max: 20 }), (numbers, devices) => {
        const sorted = numbers.toSorted((left, right) => left - right)
        const end = waveEnd({ devices }, sorted, 0)
        expect(sorted.filter(cohort => cohort < end)).toHaveLength(Math.min(devices, sorted.length))
      }),
    )
  })
})
