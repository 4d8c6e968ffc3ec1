import { describe, expect, it } from 'vitest'
import { callRest, type RestAnswer } from '../../../test/rest-call.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

function put(hub: LocalHub, id: string, body: JsonValue, headers = {}): Promise<RestAnswer> {
  return callRest(hub, { method: 'PUT', path: `/devices/${id}?api-version=2021-04-12`, headers, body })
}

async function createMany(hub: LocalHub, count: number): Promise<void> {
  for (let first = 0; first < count; first += 100) {
    const lines = Array.from({ length: Math.min(100, count - first) }, (_, index) => ({ id: `d${first + index}` }))
    await callRest(hub, {
      method: 'POST',
      path: '/devices',
      body: lines.map(line => ({ ...line, importMode: 'create' })),
    })
  }
}

describe('the list of devices', () => {
  it.each([
    ['/devices/', 1000],
    ['/devices?top=5000', 1000],
    ['/devices?top=3', 3],
    ['/devices?top=x', 1000],
  ])('%s has %i of 1001', async (path, count) => {
    await using hub = await startLocalHub()
    await createMany(hub, 1001)
    expect(JSON.parse((await callRest(hub, { method: 'GET', path })).text)).toHaveLength(count)
    const statistics = await callRest(hub, { method: 'GET', path: '/statistics/devices' })
    expect(statistics.body).toMatchObject({ totalDeviceCount: 1001 })
  })
})

describe('authentication', () => {
  it.each<[string, JsonValue, JsonValue]>([
    ['absent keys', {}, 'sas'],
    ['empty keys', { type: 'sas', symmetricKey: { primaryKey: '', secondaryKey: '' } }, 'sas'],
    ['an empty pair', { type: 'sas', symmetricKey: {} }, 'sas'],
    ['thumbprints without a type', { x509Thumbprint: { primaryThumbprint: 'A'.repeat(40) } }, 'selfSigned'],
    ['an authority', { type: 'certificateAuthority' }, 'certificateAuthority'],
  ])('with %s is completed', async (_name, authentication, type) => {
    await using hub = await startLocalHub()
    const { body } = await put(hub, 'd1', { authentication })
    expect(body.authentication).toMatchObject({ type })
  })

  it.each<[string, JsonValue, string]>([
    ['none', { type: 'none' }, 'DeviceAuthenticationTypeIsMissing'],
    ['one key', { symmetricKey: { primaryKey: Buffer.alloc(32).toString('base64') } }, 'ArgumentInvalid'],
    ['a thumbprint with colons', { x509Thumbprint: { primaryThumbprint: 'AA:BB' } }, 'StringIsNotThumbprint'],
  ])('with %s is refused', async (_name, authentication, code) => {
    await using hub = await startLocalHub()
    expect(await put(hub, 'd1', { authentication })).toMatchObject({
      status: 400,
      headers: { 'iothub-errorcode': code },
    })
  })
})

describe('an update of an identity', () => {
  it('replaces it whole: what is not sent goes back to what it is at first', async () => {
    await using hub = await startLocalHub()
    const created = await put(hub, 'd1', { status: 'disabled', statusReason: 'lost' })
    const updated = await put(hub, 'd1', {}, { 'if-match': '*' })
    expect(updated.body).toMatchObject({
      status: 'enabled',
      statusReason: null,
      generationId: created.body.generationId,
    })
    expect(updated.body.authentication).not.toEqual(created.body.authentication)
  })

  it('moves the deviceEtag of the twin, and nothing else in it', async () => {
    await using hub = await startLocalHub()
    await put(hub, 'd1', {})
    const before = (await callRest(hub, { method: 'GET', path: '/twins/d1' })).body
    const { body } = await put(hub, 'd1', {}, { 'if-match': '*' })
    expect((await callRest(hub, { method: 'GET', path: '/twins/d1' })).body).toEqual({
      ...before,
      deviceEtag: body.etag,
    })
  })

  it('makes an edge device of a leaf, and a leaf of an edge device', async () => {
    await using hub = await startLocalHub()
    await put(hub, 'd1', {})
    const edge = await put(hub, 'd1', { capabilities: { iotEdge: true } }, { 'if-match': '*' })
    expect(edge.body).toMatchObject({ deviceScope: 'ms-azure-iot-edge://d1-', parentScopes: [] })
    const leaf = await put(hub, 'd1', { ...edge.body, capabilities: { iotEdge: false } }, { 'if-match': '*' })
    expect(leaf.body).not.toHaveProperty('deviceScope')
    expect(leaf.body).toMatchObject({ capabilities: { iotEdge: false } })
  })
})

describe('a deleted identity', () => {
  it('takes its twin, modules and messages along, and can be created again with another generation', async () => {
    await using hub = await startLocalHub()
    const first = await put(hub, 'd1', {})
    await callRest(hub, { method: 'PUT', path: '/devices/d1/modules/m1', body: {} })
    await callRest(hub, { method: 'PATCH', path: '/twins/d1', body: { tags: { a: 1 } } })
    await hub.sendMessage('d1', { payload: 'x' })
    await callRest(hub, { method: 'DELETE', path: '/devices/d1', headers: { 'if-match': '*' } })
    for (const path of ['/devices/d1', '/twins/d1', '/devices/d1/modules', '/twins/d1/modules/m1']) {
      expect((await callRest(hub, { method: 'GET', path })).headers['iothub-errorcode']).toBe('DeviceNotFound')
    }
    const second = await put(hub, 'd1', {})
    expect(second.body).toMatchObject({ cloudToDeviceMessageCount: 0 })
    expect(second.body.generationId).not.toBe(first.body.generationId)
    expect((await callRest(hub, { method: 'GET', path: '/twins/d1' })).body).not.toHaveProperty('tags')
    expect((await callRest(hub, { method: 'GET', path: '/devices/d1/modules' })).text).toBe('[]')
  })
})
