import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { callRest } from '../../test/rest-call.ts'
import { ManualClock, startLocalHub } from '../index.ts'

describe('a hub with a folder', () => {
  it('goes on with its configurations and jobs', async () => {
    const data = join(await mkdtemp(join(tmpdir(), 'hub-data-')), 'hub')
    const clock = new ManualClock()
    const first = await startLocalHub({ data, clock, configurationPeriodInMs: 60_000 })
    await first.createDevice('d1')
    const content = { deviceContent: { 'properties.desired.a': 1 } }
    await callRest(first, { method: 'PUT', path: '/configurations/c1', body: { content, targetCondition: '*' } })
    const job = { type: 'scheduleUpdateTwin', updateTwin: { tags: { z: 1 } }, queryCondition: '*' }
    await callRest(first, { method: 'PUT', path: '/jobs/v2/done', body: job })
    const startTime = new Date(clock.now() + 90_000).toISOString()
    await callRest(first, { method: 'PUT', path: '/jobs/v2/later', body: { ...job, startTime } })
    const read = (hub: typeof first): Promise<readonly string[]> =>
      Promise.all(
        ['/configurations', '/jobs/v2/query', '/twins/d1'].map(
          async path => (await callRest(hub, { method: 'GET', path })).text,
        ),
      )
    const before = await read(first)
    await first.close()

    await using second = await startLocalHub({ data, clock, configurationPeriodInMs: 60_000 })
    expect(await read(second)).toEqual(before)
    await second.createDevice('d2')
    clock.advance(90_000)
    expect((await callRest(second, { method: 'GET', path: '/twins/d2' })).body).toMatchObject({
      tags: { z: 1 },
      properties: { desired: { a: 1 } },
      configurations: { c1: { status: 'Applied' } },
    })
  })
})
