import { describe, expect, it } from 'vitest'
import { callRest, type RestAnswer } from '../../../test/rest-call.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

const version = '?api-version=2021-04-12'

function bulk(hub: LocalHub, body: JsonValue): Promise<RestAnswer> {
  return callRest(hub, { method: 'POST', path: `/devices${version}`, policy: 'registryReadWrite', body })
}

async function read(hub: LocalHub, path: string): Promise<RestAnswer> {
  return callRest(hub, { method: 'GET', path: path + version })
}

function regenerate(hub: LocalHub, body: JsonValue): Promise<RestAnswer> {
  return callRest(hub, { method: 'POST', path: `/devices/keys/regenerate${version}`, body })
}

describe('a bulk operation', () => {
  it('creates devices and modules, with what their twins start with', async () => {
    await using hub = await startLocalHub()
    const answer = await bulk(hub, [
      { id: 'd1', importMode: 'create', status: 'disabled', tags: { a: 1 }, properties: { desired: { b: 2 } } },
      { id: 'd1', moduleId: 'm1', importMode: 'Create' },
    ])
    expect(answer).toMatchObject({ status: 200, body: { isSuccessful: true, errors: [], warnings: [] } })
    expect((await read(hub, '/twins/d1')).body).toMatchObject({
      status: 'disabled',
      tags: { a: 1 },
      properties: { desired: { b: 2, $version: 2 } },
    })
    expect((await read(hub, '/devices/d1/modules/m1')).status).toBe(200)
  })

  it('updates and deletes, with and without the etag, however the mode is written', async () => {
    await using hub = await startLocalHub()
    for (const id of ['d1', 'd2']) await hub.createDevice(id)
    const { etag = '' } = (await read(hub, '/devices/d1')).body
    expect((await bulk(hub, [{ id: 'd1', importMode: 'UpdateIfMatchETag', etag, status: 'disabled' }])).status).toBe(
      200,
    )
    const stale = await bulk(hub, [{ id: 'd1', importMode: 'updateIfMatchETag', eTag: etag, status: 'enabled' }])
    expect(stale).toMatchObject({ status: 400, headers: { 'iothub-errorcode': 'BulkRegistryOperationFailure' } })
    expect(stale.body.errors).toMatchObject([{ deviceId: 'd1', moduleId: null, errorCode: 'PreconditionFailed' }])
    expect((await read(hub, '/devices/d1')).body.status).toBe('disabled')
    const gone = await bulk(hub, [
      { id: 'd1', importMode: 'Delete' },
      { id: 'd2', importMode: 'deleteIfMatchETag', eTag: '*' },
    ])
    expect(gone.status).toBe(200)
    expect((await read(hub, '/devices')).text).toBe('[]')
  })

  it('creates or updates, and patches twins', async () => {
    await using hub = await startLocalHub()
    await bulk(hub, [{ id: 'd1', importMode: 'createOrUpdate' }])
    const before = (await read(hub, '/devices/d1')).body
    await bulk(hub, [{ id: 'd1', importMode: 'createOrUpdate', status: 'disabled' }])
    expect((await read(hub, '/devices/d1')).body).toMatchObject({
      generationId: before.generationId,
      status: 'disabled',
    })
    const twinETag = (await read(hub, '/twins/d1')).body.etag ?? ''
    const line = { id: 'd1', importMode: 'updateTwinIfMatchETag', twinETag, tags: { a: 1 } }
    expect((await bulk(hub, [line])).status).toBe(200)
    expect((await bulk(hub, [line])).status).toBe(400)
    expect((await bulk(hub, [{ id: 'd1', importMode: 'updateTwin', tags: { b: 2 } }])).status).toBe(200)
    expect((await read(hub, '/twins/d1')).body.tags).toEqual({ a: 1, b: 2 })
  })

  it('tells which lines failed, and applies the others', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const answer = await bulk(hub, [
      { id: 'd1', importMode: 'create' },
      { id: 'd2', importMode: 'create' },
      { id: 'd2', importMode: 'create' },
      { id: 'd3', importMode: 'update' },
      { id: 'd4', importMode: 'create', tags: { 'a.b': 1 } },
      { id: 'a b', importMode: 'create' },
      { id: 'd5', importMode: 'upsert' },
      { importMode: 'create' },
    ])
    expect(answer).toMatchObject({ status: 400, body: { isSuccessful: false, warnings: [] } })
    expect(answer.body.errors).toEqual(
      [
        ['d1', 'DeviceAlreadyExists'],
        ['d2', 'DeviceDefinedMultipleTimes'],
        ['d3', 'DeviceNotFound'],
        ['d4', 'ArgumentInvalid'],
        ['a b', 'IotHubFormatError'],
        ['d5', 'ArgumentInvalid'],
        [null, 'IotHubFormatError'],
      ].map(([deviceId, errorCode]) => ({ deviceId, moduleId: null, errorCode, errorStatus: expect.any(String) })),
    )
    expect(JSON.parse((await read(hub, '/devices')).text)).toMatchObject([{ deviceId: 'd1' }, { deviceId: 'd2' }])
  })

  it.each([
    [
      'more than 100 lines',
      Array.from({ length: 101 }, (_, index) => ({ id: `d${index}`, importMode: 'create' })),
      413,
    ],
    ['no lines', [], 400],
    ['no array', { id: 'd1' }, 400],
    ['a line that is no object', [null], 400],
  ])('with %s is refused as a whole', async (_name, body, status) => {
    await using hub = await startLocalHub()
    expect((await bulk(hub, body)).status).toBe(status)
    expect((await read(hub, '/devices')).text).toBe('[]')
  })
})

describe('regenerating keys', () => {
  it.each([
    ['primaryKey', false, true],
    ['secondaryKey', true, false],
    ['both', false, false],
  ])('of kind %s changes what it should', async (policyKey, keepsPrimary, keepsSecondary) => {
    await using hub = await startLocalHub()
    const primaryKey = Buffer.alloc(32, 1).toString('base64')
    const secondaryKey = Buffer.alloc(32, 2).toString('base64')
    await hub.createDevice('d1', { symmetricKey: { primaryKey, secondaryKey } })
    const { etag } = (await read(hub, '/devices/d1')).body
    const answer = await regenerate(hub, { policyKey, devices: [{ id: 'd1' }] })
    expect(answer).toMatchObject({ status: 200, body: { policyKey, errors: [] } })
    const { body } = await read(hub, '/devices/d1')
    expect(body.etag).not.toBe(etag)
    const { symmetricKey: keys } = JSON.parse(JSON.stringify(body.authentication))
    expect(answer.body.rotatedKeys).toEqual([{ id: 'd1', moduleId: null, ...keys }])
    expect([keys.primaryKey === primaryKey, keys.secondaryKey === secondaryKey]).toEqual([keepsPrimary, keepsSecondary])
  })

  it('answers 207 when some fail and 400 when all do', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    await bulk(hub, [{ id: 'd1', moduleId: 'm1', importMode: 'create' }])
    await bulk(hub, [{ id: 'ca', importMode: 'create', authentication: { type: 'certificateAuthority' } }])
    const some = await regenerate(hub, {
      policyKey: 'both',
      devices: [{ id: 'd1', moduleId: 'm1' }, { id: 'gone' }, { id: 'ca' }],
    })
    expect(some).toMatchObject({
      status: 207,
      body: {
        rotatedKeys: [{ id: 'd1', moduleId: 'm1' }],
        errors: [
          { id: 'gone', moduleId: null, errorCode: 'DeviceNotFound', errorStatus: 'gone' },
          { id: 'ca', errorCode: 'ArgumentInvalid' },
        ],
      },
    })
    expect((await regenerate(hub, { policyKey: 'both', devices: [{ id: 'gone' }] })).status).toBe(400)
    for (const body of [{}, { policyKey: 'x', devices: [] }, { policyKey: 'both', devices: [1] }]) {
      expect((await regenerate(hub, body)).status).toBe(400)
    }
  })
})
