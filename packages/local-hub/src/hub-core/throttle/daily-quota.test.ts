import { describe, expect, it } from 'vitest'
import { applied, configure, desiredOf, statusesOf, targeted } from '../../../test/configuration-fixture.ts'
import { type CoreFixture, coreFixture } from '../../../test/core-fixture.ts'
import { countsOf, deviceJobsOf, methodJob, twinJob } from '../../../test/job-fixture.ts'

const dayInMs = 24 * 60 * 60 * 1000

/** A free hub that has used up what it may do on a day. */
async function exhaustedHub(): Promise<CoreFixture> {
  const fixture = coreFixture({ tier: { name: 'F1' } })
  const telemetry = { kind: 'telemetry', deviceId: 'd1', requestSizeInBytes: 8000 * 512 } as const
  await fixture.core.operations.finish(telemetry, { status: 204, responseSizeInBytes: 0 })
  return fixture
}

describe('when the messages of the day are used up', () => {
  it.each([['twin updates', twinJob] as const, ['methods', methodJob] as const])(
    'jobs of %s fail on every device, until midnight',
    async (_name, job) => {
      const { core, clock, connect } = await exhaustedHub()
      const connection = connect('methods')
      core.jobs.create('j1', job)
      expect(countsOf(core, 'j1')).toEqual([0, 0, 0, 1])
      expect(deviceJobsOf(core, 'j1')).toMatchObject([{ deviceId: 'd1', error: { code: 'IotHubQuotaExceeded' } }])
      expect(connection.methodRequests).toEqual([])
      expect(core.twins.get('d1')).not.toHaveProperty('tags')
      clock.advance(dayInMs)
      core.jobs.create('j2', twinJob)
      expect(countsOf(core, 'j2')).toEqual([0, 0, 1, 0])
    },
  )

  it('configurations are applied when the next day has begun', async () => {
    const { core, clock } = await exhaustedHub()
    configure(core, 'c1', { 'properties.desired.a': 1 }, { targetCondition: '*' })
    expect(desiredOf(core, 'd1')).toEqual({})
    expect(statusesOf(core, 'd1')).toEqual({ c1: targeted })
    clock.advance(dayInMs)
    expect(desiredOf(core, 'd1')).toEqual({ a: 1 })
    expect(statusesOf(core, 'd1')).toEqual({ c1: applied })
  })
})
