import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import type { Operation } from '../throttle/operation.ts'

const read = (deviceId: string): Operation => ({ kind: 'twinRead', deviceId, requestSizeInBytes: 0 })
const succeeded = { status: 200, responseSizeInBytes: 100 }

function setDesired({ core }: ReturnType<typeof coreFixture>, value: number): void {
  core.twins.patch('d1', { properties: { desired: { value } } }, { kind: 'none' })
}

describe('an answer fault', () => {
  it('refuses the operations it is meant for, as often as asked, and says when', async () => {
    const { core, clock, events } = coreFixture()
    const fault = core.faults.answer(503, { operation: 'twinRead', deviceId: 'd1', nth: 2, times: 2 })
    const statuses: number[] = []
    for (const deviceId of ['d1', 'd2', 'd1', 'd1', 'd1']) {
      await core.operations.begin(read(deviceId)).then(
        () => statuses.push(200),
        (error: { readonly status: number }) => statuses.push(error.status),
      )
    }
    expect(statuses).toEqual([200, 200, 503, 503, 200])
    const strike = { fault: 'answer', deviceId: 'd1', what: 'twinRead', timeInMs: clock.now() }
    expect(fault.strikes).toEqual([strike, strike])
    expect(await fault.struck).toEqual(strike)
    expect(events.filter(({ type }) => type === 'faultStruck')).toHaveLength(2)
  })

  it.each([
    [429, 429001],
    [500, 500001],
    [503, 503001],
    [504, 504101],
  ] as const)('answers %d with %d', async (status, number) => {
    const { core } = coreFixture()
    core.faults.answer(status, { retryAfterInSeconds: 7 })
    await expect(core.operations.begin(read('d1'))).rejects.toMatchObject({ status, number, retryAfterInSeconds: 7 })
  })

  it('is taken back by cancel, and by clear', async () => {
    const { core } = coreFixture()
    core.faults.answer(500, { times: Number.POSITIVE_INFINITY }).cancel()
    core.faults.answer(500, { times: Number.POSITIVE_INFINITY })
    core.faults.clear()
    await core.operations.begin(read('d1'))
  })

  it.each([{ nth: 0 }, { nth: 1.5 }, { times: 0 }, { times: -1 }])('refuses %o', options => {
    expect(() => coreFixture().core.faults.answer(500, options)).toThrow(RangeError)
  })
})

describe('a held answer', () => {
  it('leaves when it is released', async () => {
    const { core } = coreFixture()
    const fault = core.faults.holdAnswer({ operation: 'twinRead' })
    const held = core.operations.finish(read('d1'), succeeded).then(() => 'held')
    await fault.struck
    const other = core.operations.finish(read('d1'), succeeded).then(() => 'other')
    expect(await Promise.race([held, other])).toBe('other')
    fault.release()
    await held
  })

  it('leaves when all faults are taken back', async () => {
    const { core } = coreFixture()
    core.faults.holdAnswer()
    const done = core.operations.finish(read('d1'), succeeded)
    core.faults.clear()
    await done
  })
})

describe('notifications of desired properties', () => {
  it('come twice on demand', () => {
    const fixture = coreFixture()
    const connection = fixture.connect('desiredProperties')
    const fault = fixture.core.faults.duplicateDesired({ deviceId: 'd1' })
    setDesired(fixture, 1)
    setDesired(fixture, 2)
    expect(connection.desiredPatches.map(({ value }) => value)).toEqual([1, 1, 2])
    expect(fault.strikes).toHaveLength(1)
    expect(fixture.core.meter.read().billedMessages).toEqual({ desiredNotification: 3 })
  })

  it('are overtaken on demand', () => {
    const fixture = coreFixture()
    const connection = fixture.connect('desiredProperties')
    fixture.core.faults.reorderDesired()
    setDesired(fixture, 1)
    expect(connection.desiredPatches).toEqual([])
    setDesired(fixture, 2)
    setDesired(fixture, 3)
    expect(connection.desiredPatches.map(({ value }) => value)).toEqual([2, 1, 3])
  })

  it('are not lost when the fault is taken back before another one came', () => {
    const fixture = coreFixture()
    const connection = fixture.connect('desiredProperties')
    const fault = fixture.core.faults.reorderDesired()
    setDesired(fixture, 1)
    fault.cancel()
    expect(connection.desiredPatches.map(({ value }) => value)).toEqual([1])
  })

  it('of other devices are left alone', () => {
    const fixture = coreFixture()
    const connection = fixture.connect('desiredProperties')
    const fault = fixture.core.faults.reorderDesired({ deviceId: 'd2' })
    setDesired(fixture, 1)
    expect(connection.desiredPatches).toHaveLength(1)
    expect(fault.strikes).toEqual([])
  })
})
