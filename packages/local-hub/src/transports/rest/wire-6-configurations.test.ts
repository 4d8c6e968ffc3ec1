import { describe, expect, it } from 'vitest'
import { callRest, type RestAnswer } from '../../../test/rest-call.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../hub-core/json/json.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

const version = '?api-version=2024-03-31'
const path = `/configurations/c1${version}`
/** As az sends it. */
const azBody = {
  id: 'c1',
  schemaVersion: '2.0',
  labels: { x: 'y' },
  content: { deviceContent: { 'properties.desired.x': 1 } },
  targetCondition: "tags.a='b'",
  priority: 3,
  metrics: { queries: { mymetric: 'select deviceId from devices' } },
  etag: '*',
}

function put(hub: LocalHub, body: JsonValue, ifMatch?: string): Promise<RestAnswer> {
  const headers = ifMatch === undefined ? {} : { 'If-Match': ifMatch }
  return callRest(hub, { method: 'PUT', path, body, headers, policy: 'service' })
}

function codeOf({ status, headers }: RestAnswer): readonly unknown[] {
  return [status, headers['iothub-errorcode']]
}

describe('az and configurations', () => {
  it('create, show, list, update and delete', async () => {
    await using hub = await startLocalHub()
    const created = await put(hub, azBody)
    expect(created).toMatchObject({ status: 200, headers: { etag: '"MQ=="' }, body: { etag: 'MQ==', priority: 3 } })
    const shown = await callRest(hub, { method: 'GET', path, policy: 'service' })
    expect(shown).toMatchObject({ status: 200, headers: { etag: '"MQ=="' } })
    expect(shown.body).toMatchObject({ metrics: { results: { mymetric: 0 } } })
    const list = await callRest(hub, { method: 'GET', path: `/configurations${version}&top=1`, policy: 'service' })
    expect(JSON.parse(list.text)).toEqual([shown.body])
    const update = { ...shown.body, priority: 5, etag: 'whatever' }
    expect(await put(hub, update, '"*"')).toMatchObject({
      status: 200,
      headers: { etag: '"Mg=="' },
      body: { priority: 5 },
    })
    const headers = { 'If-Match': '"*"' }
    expect((await callRest(hub, { method: 'DELETE', path, headers, policy: 'service' })).status).toBe(204)
    expect(codeOf(await callRest(hub, { method: 'GET', path }))).toEqual([404, 'ConfigurationNotFound'])
  })

  it('show metrics by running the query that the configuration shows', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await callRest(hub, { method: 'PATCH', path: `/twins/d1${version}`, body: { tags: { a: 'b' } } })
    await put(hub, azBody)
    const { body } = await callRest(hub, { method: 'GET', path })
    const queries = isJsonObject(body.systemMetrics) ? Object.values(body.systemMetrics.queries ?? {}) : []
    expect(queries).toHaveLength(2)
    for (const query of queries) {
      const answer = await callRest(hub, { method: 'POST', path: `/devices/query${version}`, body: { query } })
      expect(JSON.parse(answer.text)).toEqual([{ deviceId: 'd1' }])
    }
  })
})

describe('If-Match on a configuration', () => {
  it.each([
    ['"MQ=="', [200, undefined]],
    ['*', [200, undefined]],
    ['"*"', [200, undefined]],
    ['MQ==', [409, 'ConfigurationAlreadyExists']],
    [undefined, [409, 'ConfigurationAlreadyExists']],
    ['"Mg=="', [412, 'PreconditionFailed']],
  ])('%s is answered with %j', async (ifMatch, expected) => {
    await using hub = await startLocalHub()
    await put(hub, azBody)
    expect(codeOf(await put(hub, azBody, ifMatch))).toEqual(expected)
  })

  it('cannot be met by a configuration that does not exist', async () => {
    await using hub = await startLocalHub()
    expect(codeOf(await put(hub, azBody, '"*"'))).toEqual([404, 'ConfigurationNotFound'])
    expect(codeOf(await callRest(hub, { method: 'DELETE', path }))).toEqual([404, 'ConfigurationNotFound'])
  })
})

describe('a refused configuration', () => {
  it.each<[JsonObject, number, string]>([
    [{ targetCondition: 'tags.a =' }, 400, 'InvalidConfigurationTargetCondition'],
    [{ content: { deviceContent: { 'tags.x': 1 } } }, 400, 'InvalidConfigurationContent'],
    [{ metrics: { queries: { m: 'nonsense' } } }, 400, 'InvalidConfigurationCustomMetricsQuery'],
    [{ id: 'c2' }, 400, 'ArgumentInvalid'],
  ])('has the code of the real service: %j', async (rest, status, code) => {
    await using hub = await startLocalHub()
    const answer = await put(hub, { ...azBody, ...rest })
    expect(codeOf(answer)).toEqual([status, code])
    expect(answer.body.Message).toMatch(new RegExp(`^ErrorCode:${code};.+`))
  })
})

function test(hub: LocalHub, body: JsonValue): Promise<RestAnswer> {
  return callRest(hub, { method: 'POST', path: `/configurations/testQueries${version}`, body, policy: 'service' })
}

describe('testQueries', () => {
  it.each<[string, JsonObject, JsonObject]>([
    ['nothing wrong', { targetCondition: "tags.a = 'b'" }, { targetConditionError: null, customMetricQueryErrors: {} }],
    [
      'a module condition',
      { targetCondition: 'FROM devices.modules WHERE tags.a = 1' },
      { targetConditionError: null },
    ],
    ['no condition', { customMetricQueries: {} }, { targetConditionError: null }],
    ['a star', { targetCondition: '*' }, { targetConditionError: expect.any(String) }],
    ['a bad condition', { targetCondition: 'tags.a =' }, { targetConditionError: expect.stringContaining('the end') }],
    [
      'a bad metric',
      { customMetricQueries: { good: 'select deviceId from devices', bad: 'select', none: 1 } },
      { customMetricQueryErrors: { bad: expect.stringContaining('expected'), none: expect.any(String) } },
    ],
  ])('answers 200 for %s', async (_name, body, expected) => {
    await using hub = await startLocalHub()
    const answer = await test(hub, body)
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject(expected)
  })

  it('refuses what is no test', async () => {
    await using hub = await startLocalHub()
    for (const body of [[], { targetCondition: 1 }, { customMetricQueries: 'x' }]) {
      expect(codeOf(await test(hub, body))).toEqual([400, 'ArgumentInvalid'])
    }
    expect(await hub.createDevice('d1')).toBeTruthy()
  })
})
