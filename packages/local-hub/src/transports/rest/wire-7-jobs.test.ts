import { describe, expect, it } from 'vitest'
import { callRest, type RestAnswer } from '../../../test/rest-call.ts'
import type { JsonObject } from '../../hub-core/json/json.ts'
import { type LocalHub, ManualClock, startLocalHub } from '../../index.ts'

const version = '?api-version=2024-03-31'
/** As az sends it: no start. */
const twinJob = {
  jobId: 'j1',
  type: 'scheduleUpdateTwin',
  updateTwin: { tags: { a: 1 }, etag: '*' },
  queryCondition: '*',
  maxExecutionTimeInSeconds: 3600,
}

function call(hub: LocalHub, method: string, path: string, rest: JsonObject = {}): Promise<RestAnswer> {
  const { body, headers } = rest
  const texts = Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]))
  const query = path.includes('?') ? path : path + version
  return callRest(hub, { method, path: query, policy: 'service', headers: texts, ...(body ? { body } : {}) })
}

function codeOf({ status, headers }: RestAnswer): readonly unknown[] {
  return [status, headers['iothub-errorcode']]
}

describe('az and jobs', () => {
  it('create one, and show it', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const created = await call(hub, 'PUT', '/jobs/v2/j1', { body: twinJob })
    expect(created).toMatchObject({ status: 200, headers: { 'content-type': 'application/json; charset=utf-8' } })
    expect(created.body).toEqual({ jobId: 'j1', type: 'scheduleUpdateTwin', status: 'queued' })
    const shown = await call(hub, 'GET', '/jobs/v2/j1')
    expect(shown).toMatchObject({
      status: 200,
      body: { status: 'completed', deviceJobStatistics: { succeededCount: 1 } },
    })
    expect((await call(hub, 'GET', '/twins/d1')).body).toMatchObject({ tags: { a: 1 } })
    expect(codeOf(await call(hub, 'PUT', '/jobs/v2/j1', { body: twinJob }))).toEqual([409, 'JobAlreadyExists'])
  })

  it('cancel one that is to come', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ clock })
    const startTime = new Date(clock.now() + 3_600_000).toISOString()
    const cloudToDeviceMethod = {
      methodName: 'm',
      payload: { a: 1 },
      responseTimeoutInSeconds: '30',
      connectTimeoutInSeconds: '30',
    }
    const body = {
      ...twinJob,
      type: 'scheduleDeviceMethod',
      cloudToDeviceMethod,
      queryCondition: "tags.a='b'",
      startTime,
    }
    await call(hub, 'PUT', '/jobs/v2/j1', { body })
    expect((await call(hub, 'GET', '/jobs/v2/j1')).body).toMatchObject({ status: 'scheduled', cloudToDeviceMethod: {} })
    expect(await call(hub, 'POST', '/jobs/v2/j1/cancel')).toMatchObject({ status: 200, body: { status: 'cancelled' } })
    expect(codeOf(await call(hub, 'POST', '/jobs/v2/j1/cancel'))).toEqual([405, 'OperationNotAllowedInCurrentState'])
  })

  it('fall back to the older kind of jobs when a job is unknown', async () => {
    await using hub = await startLocalHub()
    const unknown = await call(hub, 'GET', '/jobs/v2/j1')
    expect(unknown.status).toBe(200)
    expect(unknown.body).toEqual({ type: 'unknown', status: 'unknown' })
    const old = await callRest(hub, { method: 'GET', path: `/jobs/j1${version}` })
    expect(codeOf(old)).toEqual([404, 'JobNotFound'])
    expect(codeOf(await call(hub, 'POST', '/jobs/v2/j1/cancel'))).toEqual([404, 'JobNotFound'])
  })

  it('list them page by page as an array, by type and status', async () => {
    await using hub = await startLocalHub()
    for (const jobId of ['j1', 'j2', 'j3']) {
      await call(hub, 'PUT', `/jobs/v2/${jobId}`, { body: { ...twinJob, jobId } })
    }
    const path = `/jobs/v2/query${version}&jobType=scheduleUpdateTwin&jobStatus=completed`
    const headers = { 'x-ms-max-item-count': '2' }
    const first = await call(hub, 'GET', path, { headers })
    expect(JSON.parse(first.text)).toMatchObject([{ jobId: 'j1' }, { jobId: 'j2' }])
    expect(first.headers['x-ms-item-type']).toBe('JobResponse')
    const token = String(first.headers['x-ms-continuation'])
    const second = await call(hub, 'GET', path, { headers: { ...headers, 'x-ms-continuation': token } })
    expect(JSON.parse(second.text)).toMatchObject([{ jobId: 'j3' }])
    expect(second.headers).not.toHaveProperty('x-ms-continuation')
    const none = await call(hub, 'GET', `/jobs/v2/query${version}&jobStatus=running&jobType=`)
    expect(none).toMatchObject({ status: 200, text: '[]' })
    expect(JSON.parse((await call(hub, 'GET', '/jobs/v2/query')).text)).toHaveLength(3)
    expect(codeOf(await call(hub, 'GET', path, { headers: { 'x-ms-continuation': 'x' } }))).toEqual([
      400,
      'ArgumentInvalid',
    ])
  })
})

describe('a refused job', () => {
  it.each([
    ['J1', {}, 'ArgumentInvalid'],
    ['j1', { type: 'export' }, 'ArgumentInvalid'],
    ['j1', { startTime: '2999-01-01T00:00:00Z' }, 'ArgumentInvalid'],
    ['j2', {}, 'ArgumentInvalid'],
  ])('has the code of the real service: %s %j', async (jobId, rest, code) => {
    await using hub = await startLocalHub()
    const answer = await call(hub, 'PUT', `/jobs/v2/${jobId}`, { body: { ...twinJob, ...rest } })
    expect(codeOf(answer)).toEqual([400, code])
  })

  it('has to wait where the tier allows one at a time', async () => {
    await using hub = await startLocalHub({ tier: { name: 'F1' } })
    const startTime = new Date(Date.now() + 3_600_000).toISOString()
    await call(hub, 'PUT', '/jobs/v2/j1', { body: { ...twinJob, startTime } })
    const second = await call(hub, 'PUT', '/jobs/v2/j2', { body: { ...twinJob, jobId: 'j2' } })
    expect(codeOf(second)).toEqual([429, 'ThrottlingMaxActiveJobCountExceeded'])
  })
})
