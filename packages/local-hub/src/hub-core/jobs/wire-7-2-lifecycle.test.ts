import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { answerAll, countsOf, deviceJobsOf, jobEnd, methodJob, twinJob } from '../../../test/job-fixture.ts'
import type { HubCore } from '../hub-core.ts'
import { moduleKey } from '../identity/identity-key.ts'
import type { Precondition } from '../precondition/if-match.ts'

const none: Precondition = { kind: 'none' }

function addDevices(core: HubCore, ...deviceIds: readonly string[]): void {
  for (const deviceId of deviceIds) core.identities.put(deviceId, {}, none)
}

describe('a twin update', () => {
  it('goes to the devices that meet its condition when it starts', () => {
    const { core, clock, events, connect } = coreFixture()
    const connection = connect('desiredProperties')
    addDevices(core, 'd2', 'd3')
    const updateTwin = { etag: '*', tags: { old: null, new: 1 }, properties: { desired: { a: { b: null } } } }
    const start = { startTime: '2026-01-01T00:10:00Z', queryCondition: "tags.site = 'oslo'" }
    core.jobs.create('j1', { ...twinJob, ...start, updateTwin })
    for (const deviceId of ['d1', 'd2']) core.twins.patch(deviceId, { tags: { site: 'oslo', old: 1 } }, none)
    expect(core.jobs.get('j1')).toMatchObject({ status: 'scheduled', startTime: '2026-01-01T00:10:00.0000000Z' })
    clock.advance(10 * 60_000 - 1)
    expect(core.twins.get('d1').tags).toEqual({ site: 'oslo', old: 1 })
    events.length = 0
    clock.advance(1)
    expect(core.jobs.get('j1')).toMatchObject({ status: 'completed', endTime: '2026-01-01T00:10:00.0000000Z' })
    expect(countsOf(core, 'j1')).toEqual([0, 0, 2, 0])
    expect(core.twins.get('d2').tags).toEqual({ site: 'oslo', new: 1 })
    expect(core.twins.get('d3')).not.toHaveProperty('tags')
    expect(connection.desiredPatches).toEqual([{ a: { b: null }, $version: 2 }])
    expect(events.filter(event => event.type.toLowerCase().includes('job'))).toEqual([
      { type: 'jobStarted', jobId: 'j1' },
      { type: 'deviceJobFinished', jobId: 'j1', deviceId: 'd1', status: 'completed' },
      { type: 'deviceJobFinished', jobId: 'j1', deviceId: 'd2', status: 'completed' },
      { type: 'jobFinished', jobId: 'j1', status: 'completed' },
    ])
  })

  it('completes though a twin refuses it', () => {
    const { core } = coreFixture()
    addDevices(core, 'd2')
    const large = Object.fromEntries([1, 2].map(index => [`k${index}`, 'x'.repeat(3900)]))
    core.twins.patch('d1', { tags: large }, none)
    core.jobs.create('j1', { ...twinJob, updateTwin: { tags: { more: 'x'.repeat(500) } } })
    expect(core.jobs.get('j1')).toMatchObject({ status: 'completed' })
    expect(countsOf(core, 'j1')).toEqual([0, 0, 1, 1])
    expect(deviceJobsOf(core, 'j1')[0]).toMatchObject({ deviceId: 'd1', error: { code: 'ArgumentInvalid' } })
  })

  it('completes at once when there is nobody to update', () => {
    const { core } = coreFixture()
    core.jobs.create('j1', { ...twinJob, queryCondition: "deviceId = 'nobody'" })
    expect(core.jobs.get('j1')).toMatchObject({ status: 'completed', deviceJobStatistics: { deviceCount: 0 } })
  })

  it('goes to modules with a condition about them', () => {
    const { core } = coreFixture()
    core.modules.put('d1', 'lens', {}, none)
    core.jobs.create('j1', { ...twinJob, queryCondition: "FROM devices.modules WHERE moduleId = 'lens'" })
    expect(core.twins.get(moduleKey('d1', 'lens')).tags).toEqual({ z: 1 })
    expect(core.twins.get('d1')).not.toHaveProperty('tags')
    expect(deviceJobsOf(core, 'j1')).toMatchObject([{ deviceId: 'd1', moduleId: 'lens', status: 'completed' }])
  })
})

describe('a job with a condition that is none', () => {
  it.each(['', 'tags.a =', 'SELECT * FROM devices', "FROM devices.jobs WHERE jobId = 'j1'"])(
    'is taken, and fails when it starts: %s',
    queryCondition => {
      const { core, events } = coreFixture()
      core.jobs.create('j1', { ...twinJob, queryCondition })
      expect(core.jobs.get('j1')).toMatchObject({
        status: 'failed',
        failureReason: expect.stringContaining('query condition'),
        deviceJobStatistics: { deviceCount: 0 },
      })
      expect(events.at(-1)).toEqual({ type: 'jobFinished', jobId: 'j1', status: 'failed' })
    },
  )
})

describe('a method on many devices', () => {
  it('runs until all have answered, and keeps the answers', async () => {
    const { core, connectAs } = coreFixture()
    addDevices(core, 'd2', 'away')
    const connections = ['d1', 'd2'].map(deviceId => connectAs(deviceId, 'methods'))
    const end = jobEnd(core, 'j1')
    core.jobs.create('j1', methodJob)
    expect(core.jobs.get('j1')).toMatchObject({ status: 'running' })
    expect(countsOf(core, 'j1')).toEqual([0, 3, 0, 0])
    for (const connection of connections) {
      expect(connection.methodRequests).toMatchObject([{ methodName: 'x', payloadText: '{"a":1}' }])
      answerAll(core, connection, connection.identity === 'd1' ? 200 : 500, '{"b":2}')
    }
    await end
    expect(core.jobs.get('j1')).toMatchObject({ status: 'completed' })
    expect(countsOf(core, 'j1')).toEqual([0, 0, 2, 1])
    expect(deviceJobsOf(core, 'j1')).toMatchObject([
      { deviceId: 'd1', status: 'completed', outcome: { deviceMethodResponse: { status: 200, payload: { b: 2 } } } },
      { deviceId: 'd2', status: 'completed', outcome: { deviceMethodResponse: { status: 500, payload: { b: 2 } } } },
      { deviceId: 'away', status: 'failed', error: { code: 'DeviceNotOnline' } },
    ])
  })

  it('waits for devices as long as the method says, and for answers', async () => {
    const { core, clock, connect, connectAs } = coreFixture()
    addDevices(core, 'd2')
    const silent = connectAs('d2', 'methods')
    const cloudToDeviceMethod = { methodName: 'x', connectTimeoutInSeconds: '20', responseTimeoutInSeconds: '30' }
    const end = jobEnd(core, 'j1')
    core.jobs.create('j1', { ...methodJob, cloudToDeviceMethod })
    clock.advance(19_000)
    const connection = connect('methods')
    answerAll(core, connection, 200, '')
    clock.advance(11_000)
    await end
    expect(silent.methodRequests).toHaveLength(1)
    expect(deviceJobsOf(core, 'j1')).toMatchObject([
      { deviceId: 'd1', outcome: { deviceMethodResponse: { status: 200, payload: null } } },
      { deviceId: 'd2', error: { code: 'GatewayTimeout' } },
    ])
  })

  it('is over when its time is up, whatever is answered later', () => {
    const { core, clock, connect, events } = coreFixture()
    const connection = connect('methods')
    core.jobs.create('j1', { ...methodJob, maxExecutionTimeInSeconds: 7 })
    clock.advance(6_999)
    expect(core.jobs.get('j1')).toMatchObject({ status: 'running' })
    clock.advance(1)
    expect(core.jobs.get('j1')).toMatchObject({
      status: 'failed',
      failureReason: 'The job did not end within 7 s.',
      endTime: '2026-01-01T00:00:07.0000000Z',
    })
    answerAll(core, connection, 200, '')
    expect(countsOf(core, 'j1')).toEqual([0, 0, 0, 1])
    expect(deviceJobsOf(core, 'j1')).toMatchObject([{ error: { code: 'JobExecutionTimeExceeded' } }])
    expect(events.filter(event => event.type === 'jobFinished')).toHaveLength(1)
  })
})

describe('a fault', () => {
  it('can strike a job on one device', () => {
    const { core } = coreFixture()
    addDevices(core, 'd2')
    core.faults.answer(503, { operation: 'jobDeviceOperation', deviceId: 'd1' })
    core.jobs.create('j1', twinJob)
    expect(deviceJobsOf(core, 'j1')).toMatchObject([{ error: { code: 'ServiceUnavailable' } }, { status: 'completed' }])
  })
})

describe('cancelling', () => {
  const start = { startTime: '2026-01-01T01:00:00Z' }

  it('calls a job off that has not begun', () => {
    const { core, clock, events } = coreFixture()
    core.jobs.create('j1', { ...twinJob, ...start })
    clock.advance(60_000)
    expect(core.jobs.cancel('j1')).toMatchObject({ jobId: 'j1', status: 'cancelled' })
    expect(core.jobs.get('j1')).toMatchObject({ status: 'cancelled', endTime: '2026-01-01T00:01:00.0000000Z' })
    expect(events.at(-1)).toEqual({ type: 'jobFinished', jobId: 'j1', status: 'cancelled' })
    clock.advance(3_600_000)
    expect(core.twins.get('d1')).not.toHaveProperty('tags')
    expect(clock.pendingTimers).toBe(0)
  })

  it('is too late for one that runs, has ended, or was cancelled', () => {
    const { core, connect } = coreFixture()
    connect('methods')
    core.jobs.create('running', methodJob)
    core.jobs.create('completed', twinJob)
    core.jobs.create('cancelled', { ...twinJob, ...start })
    core.jobs.cancel('cancelled')
    for (const jobId of ['running', 'completed', 'cancelled']) {
      expect(() => core.jobs.cancel(jobId)).toThrow(
        expect.objectContaining({ code: 'OperationNotAllowedInCurrentState', status: 405, number: 405102 }),
      )
      expect(core.jobs.get(jobId)).toMatchObject({ status: jobId })
    }
    expect(() => core.jobs.cancel('unknown')).toThrow(expect.objectContaining({ code: 'JobNotFound' }))
  })
})
