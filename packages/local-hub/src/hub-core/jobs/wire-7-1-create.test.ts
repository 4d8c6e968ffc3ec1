import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { methodJob, twinJob } from '../../../test/job-fixture.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'

const inOneHour = '2026-01-01T01:00:00.000Z'

function code(error: string): unknown {
  return expect.objectContaining({ code: error })
}

describe('a job', () => {
  it('is queued when it is created, whatever has become of it', () => {
    const { core } = coreFixture()
    expect(core.jobs.create('j1', { jobId: 'j1', ...twinJob })).toEqual({
      jobId: 'j1',
      type: 'scheduleUpdateTwin',
      status: 'queued',
    })
    expect(core.jobs.create('j2', { ...methodJob, startTime: inOneHour })).toEqual({
      jobId: 'j2',
      type: 'scheduleDeviceMethod',
      status: 'queued',
    })
    expect(core.jobs.get('j1')).toMatchObject({ status: 'completed' })
    expect(core.jobs.get('j2')).toMatchObject({ status: 'scheduled' })
  })

  it('cannot be created twice', () => {
    const { core } = coreFixture()
    core.jobs.create('j1', twinJob)
    expect(() => core.jobs.create('j1', methodJob)).toThrow(code('JobAlreadyExists'))
  })

  it.each(['a', "0-9'", 'x'.repeat(64)])('may be named %s', jobId => {
    const { core } = coreFixture()
    core.jobs.create(jobId, twinJob)
    expect(core.jobs.get(jobId)).toMatchObject({ jobId, status: 'completed' })
  })

  it.each(['', 'J1', 'a_b', 'a.b', 'a/b', 'x'.repeat(65)])('must not be named "%s"', jobId => {
    expect(() => coreFixture().core.jobs.create(jobId, twinJob)).toThrow(code('ArgumentInvalid'))
  })

  it.each<[string, JsonObject, string]>([
    ['a start in the past', { startTime: '1970-01-01T00:00:00.000Z' }, 'completed'],
    ['null for what was left out', { startTime: null, maxExecutionTimeInSeconds: null }, 'completed'],
    ['numbers as text', { maxExecutionTimeInSeconds: '60' }, 'completed'],
    ['an etag that is a star', { updateTwin: { etag: '*', tags: { a: 1 } } }, 'completed'],
    [
      'a whole twin',
      { updateTwin: { deviceId: 'x', version: 7, properties: { desired: { $version: 3, a: 1 }, reported: { b: 1 } } } },
      'completed',
    ],
    ['a start in a week', { startTime: '2026-01-08T00:00:00Z' }, 'scheduled'],
  ])('is taken with %s', (_name, rest, status) => {
    const { core } = coreFixture()
    core.jobs.create('j1', { ...twinJob, ...rest })
    expect(core.jobs.get('j1')).toMatchObject({ status })
  })

  it.each<[string, JsonValue | undefined]>([
    ['no body', undefined],
    ['no object', []],
    ['another id in the body', { ...twinJob, jobId: 'j2' }],
    ['no type', { ...twinJob, type: null }],
    ['the type of the old documentation', { ...twinJob, type: 'scheduleTwinUpdate' }],
    ['the type of an import', { type: 'import' }],
    ['no condition', { ...twinJob, queryCondition: null }],
    ['no patch', { ...twinJob, updateTwin: null }],
    ['a patch that is none', { ...twinJob, updateTwin: { tags: 1 } }],
    ['an etag of one twin', { ...twinJob, updateTwin: { etag: 'AAAAAAAAAAE=', tags: {} } }],
    ['no method', { ...methodJob, cloudToDeviceMethod: null }],
    ['a method without a name', { ...methodJob, cloudToDeviceMethod: { payload: 1 } }],
    [
      'a time-out that no method has',
      { ...methodJob, cloudToDeviceMethod: { methodName: 'x', responseTimeoutInSeconds: 1 } },
    ],
    ['a start that is no time', { ...twinJob, startTime: 'soon' }],
    ['a start that is a number', { ...twinJob, startTime: 5 }],
    ['a start in more than a week', { ...twinJob, startTime: '2026-01-08T00:00:01Z' }],
    ['no time to run', { ...twinJob, maxExecutionTimeInSeconds: 0 }],
    ['a time that is no number', { ...twinJob, maxExecutionTimeInSeconds: 'long' }],
  ])('is refused with %s', (_name, body) => {
    const { core } = coreFixture()
    expect(() => core.jobs.create('j1', body)).toThrow(code('ArgumentInvalid'))
    expect(core.jobs.get('j1')).toEqual({ type: 'unknown', status: 'unknown' })
  })

  it('has to wait for its turn on a tier that allows one at a time', () => {
    const { core, clock } = coreFixture({ tier: { name: 'S1' } })
    core.jobs.create('j1', { ...twinJob, startTime: inOneHour })
    expect(() => core.jobs.create('j2', twinJob)).toThrow(
      expect.objectContaining({ code: 'ThrottlingMaxActiveJobCountExceeded', status: 429, number: 429004 }),
    )
    expect(() => core.jobs.create('j1', twinJob)).toThrow(code('JobAlreadyExists'))
    clock.advance(3_600_000)
    core.jobs.create('j2', { ...twinJob, startTime: '2026-01-01T02:00:00Z' })
    core.jobs.cancel('j2')
    core.jobs.create('j3', twinJob)
    const larger = coreFixture({ tier: { name: 'S2' } }).core
    for (let index = 1; index <= 5; index += 1) larger.jobs.create(`j${index}`, { ...twinJob, startTime: inOneHour })
    expect(() => larger.jobs.create('j6', twinJob)).toThrow(code('ThrottlingMaxActiveJobCountExceeded'))
  })
})
