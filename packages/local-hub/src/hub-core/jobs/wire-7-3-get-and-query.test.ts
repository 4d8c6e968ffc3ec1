import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { methodJob, twinJob } from '../../../test/job-fixture.ts'
import type { JobFilter } from './job-page.ts'

const inOneHour = '2026-01-01T01:00:00.000Z'

describe('a job that is read', () => {
  it('has the form of one of the real service', () => {
    const { core } = coreFixture()
    core.jobs.create('j1', { ...twinJob, updateTwin: { etag: '*', tags: { a: 1 } } })
    expect(core.jobs.get('j1')).toEqual({
      jobId: 'j1',
      createdTime: '2026-01-01T00:00:00.0000000Z',
      startTime: '2026-01-01T00:00:00.0000000Z',
      endTime: '2026-01-01T00:00:00.0000000Z',
      maxExecutionTimeInSeconds: 3600,
      type: 'scheduleUpdateTwin',
      updateTwin: { etag: '*', tags: { a: 1 } },
      queryCondition: '*',
      status: 'completed',
      deviceJobStatistics: { deviceCount: 1, failedCount: 0, succeededCount: 1, runningCount: 0, pendingCount: 0 },
    })
  })

  it('shows only what is known, and the payload of a method as bytes', () => {
    const { core } = coreFixture()
    const cloudToDeviceMethod = { methodName: 'x', payload: { a: 'ü' }, responseTimeoutInSeconds: '30' }
    core.jobs.create('j1', { ...methodJob, cloudToDeviceMethod, startTime: inOneHour, maxExecutionTimeInSeconds: 60 })
    expect(core.jobs.get('j1')).toEqual({
      jobId: 'j1',
      createdTime: '2026-01-01T00:00:00.0000000Z',
      startTime: '2026-01-01T01:00:00.0000000Z',
      maxExecutionTimeInSeconds: 60,
      type: 'scheduleDeviceMethod',
      cloudToDeviceMethod: { ...cloudToDeviceMethod, payload: [...new TextEncoder().encode('{"a":"ü"}')] },
      queryCondition: '*',
      status: 'scheduled',
    })
  })

  it('is unknown when there is none', () => {
    expect(coreFixture().core.jobs.get('j1')).toEqual({ type: 'unknown', status: 'unknown' })
  })

  it('is forgotten 30 days after its end', () => {
    const { core, clock } = coreFixture()
    core.jobs.create('j1', twinJob)
    clock.advance(30 * 24 * 3_600_000)
    expect(core.jobs.get('j1')).toMatchObject({ status: 'completed' })
    clock.advance(1)
    expect(core.jobs.get('j1')).toEqual({ type: 'unknown', status: 'unknown' })
    expect(core.queries.run({ query: 'SELECT * FROM devices.jobs' }, { maxItemCount: 9 }).items).toEqual([])
    expect([...core.durable.entries()].filter(({ table }) => table.toLowerCase().includes('job'))).toEqual([])
    core.jobs.create('j1', twinJob)
  })
})

function fleet(): ReturnType<typeof coreFixture> {
  const fixture = coreFixture()
  const { jobs } = fixture.core
  jobs.create('done', twinJob)
  jobs.create('later', { ...twinJob, startTime: inOneHour })
  jobs.create('bad', { ...methodJob, queryCondition: '' })
  jobs.create('call', { ...methodJob, startTime: inOneHour })
  jobs.create('off', { ...methodJob, startTime: inOneHour })
  jobs.cancel('off')
  return fixture
}

describe('the query of jobs', () => {
  it.each<[JobFilter, readonly string[]]>([
    [{}, ['done', 'later', 'bad', 'call', 'off']],
    [{ type: 'scheduleUpdateTwin' }, ['done', 'later']],
    [{ status: 'scheduled' }, ['later', 'call']],
    [{ type: 'scheduleDeviceMethod', status: 'cancelled' }, ['off']],
    [{ status: 'unknown' }, []],
    [{ type: 'import' }, []],
  ])('finds by %j', (filter, expected) => {
    const { items, continuation } = fleet().core.jobs.query(filter, { maxItemCount: 100 })
    expect(items.map(({ jobId }) => jobId)).toEqual(expected)
    expect(continuation).toBeUndefined()
  })

  it('shows each as when it is read alone', () => {
    const { core } = fleet()
    const { items } = core.jobs.query({}, { maxItemCount: 100 })
    expect(items).toEqual(['done', 'later', 'bad', 'call', 'off'].map(jobId => core.jobs.get(jobId)))
  })

  it('goes page by page', () => {
    const { core } = fleet()
    const pages: unknown[] = []
    let continuation: string | undefined
    do {
      const page = core.jobs.query({ type: 'scheduleDeviceMethod' }, { maxItemCount: 2, continuation })
      pages.push(page.items.map(({ jobId }) => jobId))
      continuation = page.continuation
    } while (continuation !== undefined)
    expect(pages).toEqual([['bad', 'call'], ['off']])
    expect(() => core.jobs.query({}, { maxItemCount: 2, continuation: 'nonsense' })).toThrow(
      expect.objectContaining({ code: 'ArgumentInvalid' }),
    )
  })
})
