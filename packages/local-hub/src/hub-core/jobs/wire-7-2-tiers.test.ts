import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { answerAll, countsOf, jobEnd, methodJob, twinJob } from '../../../test/job-fixture.ts'
import type { HubCore } from '../hub-core.ts'
import type { Precondition } from '../precondition/if-match.ts'

const none: Precondition = { kind: 'none' }

function addDevices(core: HubCore, ...deviceIds: readonly string[]): void {
  for (const deviceId of deviceIds) core.identities.put(deviceId, {}, none)
}

describe('a job on a tier', () => {
  it('gets to ten devices a second on S1, and leaves out those that it does not reach in time', () => {
    const { core, clock } = coreFixture({ tier: { name: 'S1' } })
    addDevices(core, ...Array.from({ length: 24 }, (_, index) => `e${index}`))
    core.jobs.create('j1', { ...twinJob, maxExecutionTimeInSeconds: 2 })
    expect(countsOf(core, 'j1')).toEqual([24, 0, 1, 0])
    clock.advance(999)
    expect(countsOf(core, 'j1')).toEqual([15, 0, 10, 0])
    clock.advance(1000)
    expect(countsOf(core, 'j1')).toEqual([5, 0, 20, 0])
    clock.advance(1)
    expect(core.jobs.get('j1')).toMatchObject({ status: 'failed' })
    expect(countsOf(core, 'j1')).toEqual([0, 0, 20, 5])
    expect(core.twins.get('e23')).not.toHaveProperty('tags')
    expect(clock.pendingTimers).toBe(0)
    core.jobs.create('j2', twinJob)
    clock.advance(2400)
    expect(core.jobs.get('j2')).toMatchObject({ status: 'completed' })
  })

  it('shares the pace with the others', () => {
    const { core, clock } = coreFixture({ tier: { name: 'S2' } })
    addDevices(core, ...Array.from({ length: 9 }, (_, index) => `e${index}`))
    for (const jobId of ['j1', 'j2']) core.jobs.create(jobId, twinJob)
    clock.advance(1000)
    const done = ['j1', 'j2'].map(jobId => Number(countsOf(core, jobId)[2]))
    expect(done.reduce((sum, count) => sum + count)).toBe(11)
    clock.advance(1000)
    for (const jobId of ['j1', 'j2']) expect(core.jobs.get(jobId)).toMatchObject({ status: 'completed' })
  })

  it('is counted, and billed like the calls it makes', async () => {
    const { core, connect } = coreFixture()
    const connection = connect('methods')
    core.meter.reset()
    core.jobs.create('j1', twinJob)
    const end = jobEnd(core, 'j2')
    core.jobs.create('j2', methodJob)
    answerAll(core, connection, 200, JSON.stringify('x'.repeat(5000)))
    await end
    const { operations, billedMessages } = core.meter.read()
    expect(operations.jobDeviceOperation).toEqual({ accepted: 2, delayed: 0, refused: 0 })
    expect(billedMessages).toEqual({ twinUpdate: 1, directMethod: 3 })
  })
})
