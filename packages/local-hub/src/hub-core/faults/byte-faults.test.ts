import { describe, expect, it } from 'vitest'
import { ManualClock } from '../clock/manual-clock.ts'
import { EventStream } from '../event/event-stream.ts'
import { Faults } from './faults.ts'

function newFaults(): Faults {
  return new Faults(new ManualClock(), new EventStream())
}

describe('a cut', () => {
  it('comes at its byte, whatever the pieces', () => {
    const faults = newFaults()
    faults.cut({ afterBytes: 10 })
    const link = faults.bytes.open()
    expect(link.pass('toHub', 4)).toBeUndefined()
    expect(link.pass('toDevice', 100)).toBeUndefined()
    expect(link.pass('toHub', 100)).toEqual({ passingBytes: 6, manner: 'rst' })
    expect(faults.bytes.isArmed).toBe(false)
  })

  it('takes the n-th connection that comes so far', () => {
    const faults = newFaults()
    faults.cut({ afterBytes: 5, direction: 'toDevice', manner: 'fin', nth: 2 })
    expect(faults.bytes.open().pass('toDevice', 4)).toBeUndefined()
    expect(faults.bytes.open().pass('toDevice', 5)).toBeUndefined()
    expect(faults.bytes.open().pass('toDevice', 5)).toEqual({ passingBytes: 5, manner: 'fin' })
  })

  it('of a device counts from the moment when it is known', () => {
    const faults = newFaults()
    const fault = faults.cut({ afterBytes: 10, deviceId: 'd1' })
    const link = faults.bytes.open()
    expect(link.pass('toHub', 1000)).toBeUndefined()
    link.identify('d1/m1')
    expect(link.pass('toHub', 9)).toBeUndefined()
    expect(link.pass('toHub', 1)).toEqual({ passingBytes: 1, manner: 'rst' })
    expect(fault.strikes).toMatchObject([{ fault: 'cut', deviceId: 'd1', what: 'toHub' }])
  })

  it.each([0, -1, 1.5, Number.NaN])('does not come after %s bytes', afterBytes => {
    expect(() => newFaults().cut({ afterBytes })).toThrow(/afterBytes: expected an integer from 1/)
  })
})
