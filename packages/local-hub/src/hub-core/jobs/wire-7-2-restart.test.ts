import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { countsOf, deviceJobsOf, methodJob, twinJob } from '../../../test/job-fixture.ts'
import type { HubCore } from '../hub-core.ts'
import type { Precondition } from '../precondition/if-match.ts'

const none: Precondition = { kind: 'none' }

function addDevices(core: HubCore, ...deviceIds: readonly string[]): void {
  for (const deviceId of deviceIds) core.identities.put(deviceId, {}, none)
}

describe('a hub that goes away', () => {
  it('stops its jobs', () => {
    const { core, clock, connect } = coreFixture({ tier: { name: 'S2' } })
    addDevices(core, 'd2')
    connect('methods')
    core.jobs.create('j1', methodJob)
    core.jobs.create('j2', { ...twinJob, startTime: '2026-01-01T01:00:00Z' })
    core.close()
    expect(core.jobs.get('j1')).toMatchObject({ status: 'running' })
    expect(core.jobs.get('j2')).toMatchObject({ status: 'scheduled' })
    clock.advance(24 * 3_600_000)
    expect(clock.pendingTimers).toBe(0)
    expect(core.jobs.get('j1')).toMatchObject({ status: 'running' })
    expect(core.jobs.get('j2')).toMatchObject({ status: 'scheduled' })
  })

  it('does not go on with one whose time is up', () => {
    const former = coreFixture({ tier: { name: 'S1' } })
    addDevices(former.core, 'd2')
    former.core.jobs.create('j1', { ...twinJob, maxExecutionTimeInSeconds: 1 })
    const { core, clock } = coreFixture()
    core.durable.restore(former.core.durable.entries())
    clock.advance(1000)
    core.resume()
    expect(core.jobs.get('j1')).toMatchObject({ status: 'failed' })
    expect(countsOf(core, 'j1')).toEqual([0, 0, 1, 1])
  })

  it('goes on with them in its next life', () => {
    const former = coreFixture({ tier: { name: 'S2' } })
    addDevices(former.core, 'd2', 'd3')
    former.connectAs('d1', 'methods')
    former.core.jobs.create('method', methodJob)
    former.core.jobs.create('later', { ...twinJob, startTime: '2026-01-01T01:00:00Z' })
    former.core.jobs.create('done', twinJob)
    former.clock.advance(50)
    former.core.close()
    expect(countsOf(former.core, 'method')).toEqual([2, 1, 0, 0])

    const { core, clock } = coreFixture({ tier: { name: 'S2' } })
    core.durable.restore(JSON.parse(JSON.stringify([...former.core.durable.entries()])))
    expect(core.jobs.query({}, { maxItemCount: 9 })).toEqual(former.core.jobs.query({}, { maxItemCount: 9 }))
    expect(deviceJobsOf(core, 'method')).toEqual(deviceJobsOf(former.core, 'method'))
    core.resume()
    expect(deviceJobsOf(core, 'method')).toMatchObject([{ deviceId: 'd1', error: { code: 'ServerError' } }, {}, {}])
    clock.advance(3_601_000)
    for (const jobId of ['done', 'later']) expect(core.jobs.get(jobId)).toMatchObject({ status: 'completed' })
    core.jobs.create('next', twinJob)
    expect(core.jobs.query({}, { maxItemCount: 9 }).items.map(({ jobId }) => jobId)).toEqual([
      'method',
      'later',
      'done',
      'next',
    ])
  })
})
