import { describe, expect, it } from 'vitest'
import { coreFixture } from '../../../test/core-fixture.ts'
import { answerAll, deviceJobsOf, jobEnd, methodJob, twinJob } from '../../../test/job-fixture.ts'
import type { HubCore } from '../hub-core.ts'

function idsOf(core: HubCore, where: string): readonly unknown[] {
  const query = `SELECT * FROM devices.jobs ${where}`
  const { items, itemType } = core.queries.run({ query }, { maxItemCount: 1000 })
  expect(itemType).toBe('DeviceJob')
  return items.map(({ deviceId, jobId }) => [jobId, deviceId])
}

function text(value: unknown): string {
  return JSON.stringify(value)
}

describe('the rows of devices.jobs', () => {
  it('have the form of those of the real service', async () => {
    const { core, clock, connect } = coreFixture()
    core.identities.put('away', {}, { kind: 'none' })
    const connection = connect('methods')
    const end = jobEnd(core, 'j1')
    core.jobs.create('j1', methodJob)
    const running = {
      deviceId: 'd1',
      jobId: 'j1',
      jobType: 'scheduleDeviceMethod',
      status: 'running',
      startTimeUtc: '2026-01-01T00:00:00.0000000Z',
      createdDateTimeUtc: '2026-01-01T00:00:00.0000000Z',
      lastUpdatedDateTimeUtc: '2026-01-01T00:00:00.0000000Z',
    }
    expect(deviceJobsOf(core, 'j1')[0]).toEqual(running)
    clock.advance(2000)
    answerAll(core, connection, 200, '{}')
    await end
    const [done, failed] = deviceJobsOf(core, 'j1')
    expect(done).toEqual({
      ...running,
      status: 'completed',
      endTimeUtc: '2026-01-01T00:00:02.0000000Z',
      lastUpdatedDateTimeUtc: '2026-01-01T00:00:02.0000000Z',
      outcome: { deviceMethodResponse: { status: 200, payload: {} } },
    })
    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'DeviceNotOnline', description: expect.stringContaining("isn't online") },
    })
    expect(failed).not.toHaveProperty('outcome')
    core.jobs.create('j2', twinJob)
    expect(deviceJobsOf(core, 'j2')[0]).toMatchObject({ outcome: { deviceMethodResponse: null } })
  })

  it('read as they look', () => {
    const { core } = coreFixture()
    core.identities.put('away', {}, { kind: 'none' })
    core.jobs.create('j1', twinJob)
    for (const row of deviceJobsOf(core, 'j1')) {
      for (const [name, value] of Object.entries(row).filter(([, each]) => typeof each === 'string')) {
        const where = `WHERE deviceId = ${text(row.deviceId)} AND ${name} = ${text(value)}`
        expect(idsOf(core, where), where).toHaveLength(1)
      }
    }
  })

  it('say who waits for a turn', () => {
    const { core } = coreFixture({ tier: { name: 'S1' } })
    core.identities.put('d2', {}, { kind: 'none' })
    core.jobs.create('j1', twinJob)
    const [, waiting] = deviceJobsOf(core, 'j1')
    expect(waiting).toEqual({
      deviceId: 'd2',
      jobId: 'j1',
      jobType: 'scheduleUpdateTwin',
      status: 'pending',
      createdDateTimeUtc: '2026-01-01T00:00:00.0000000Z',
      lastUpdatedDateTimeUtc: '2026-01-01T00:00:00.0000000Z',
    })
  })

  it.each([
    [
      '',
      [
        ['j1', 'd1'],
        ['j1', 'd2'],
        ['j2', 'd2'],
        ['j2', 'd3'],
      ],
    ],
    [
      "WHERE devices.jobs.jobId = 'j2'",
      [
        ['j2', 'd2'],
        ['j2', 'd3'],
      ],
    ],
    [
      "WHERE devices.jobs.deviceId = 'd2'",
      [
        ['j1', 'd2'],
        ['j2', 'd2'],
      ],
    ],
    ["WHERE deviceId IN ['d1', 'd3'] AND status = 'completed'", [['j1', 'd1']]],
    [
      "WHERE jobType = 'scheduleDeviceMethod' AND error.code = 'DeviceNotOnline'",
      [
        ['j2', 'd2'],
        ['j2', 'd3'],
      ],
    ],
    [
      "WHERE createdTimeUtc >= '2026-01-01' AND is_defined(outcome)",
      [
        ['j1', 'd1'],
        ['j1', 'd2'],
      ],
    ],
  ])('are found by query: %s', async (where, expected) => {
    const { core } = coreFixture()
    core.identities.put('d2', {}, { kind: 'none' })
    core.jobs.create('j1', twinJob)
    core.identities.put('d3', {}, { kind: 'none' })
    const end = jobEnd(core, 'j2')
    core.jobs.create('j2', { ...methodJob, queryCondition: "deviceId IN ['d2', 'd3']" })
    await end
    expect(idsOf(core, where)).toEqual(expected)
  })

  it('of modules are found by their device', () => {
    const { core } = coreFixture()
    core.identities.put('d2', {}, { kind: 'none' })
    for (const moduleId of ['lens', 'shutter']) core.modules.put('d1', moduleId, {}, { kind: 'none' })
    core.jobs.create('j1', { ...twinJob, queryCondition: 'FROM devices.modules WHERE is_defined(moduleId)' })
    expect(idsOf(core, "WHERE deviceId = 'd1'")).toEqual([
      ['j1', 'd1'],
      ['j1', 'd1'],
    ])
    expect(idsOf(core, "WHERE deviceId = 'd1' AND moduleId = 'lens'")).toEqual([['j1', 'd1']])
    expect(idsOf(core, "WHERE deviceId = 'd2'")).toEqual([])
  })

  it('lag behind with everything else', () => {
    const { core, clock } = coreFixture({ queryLagInMs: 1000 })
    core.jobs.create('j1', twinJob)
    expect(idsOf(core, '')).toEqual([])
    clock.advance(1000)
    expect(idsOf(core, '')).toEqual([['j1', 'd1']])
  })
})
