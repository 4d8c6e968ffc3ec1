import { describe, expect, it } from 'vitest'
import { callRest, type RestAnswer, type RestCall } from '../../../test/rest-call.ts'
import type { JsonObject } from '../../hub-core/json/json.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

const version = '?api-version=2024-03-31'
const path = `/devices/d1/modules/m1${version}`
/** As az sends it. */
const body = { moduleId: 'm1', deviceId: 'd1', authentication: { symmetricKey: {}, type: 'sas' } }

async function hubWithModule(): Promise<LocalHub> {
  const hub = await startLocalHub()
  await hub.createDevice('d1')
  await callRest(hub, { method: 'PUT', path, body })
  return hub
}

describe('modules', () => {
  it('are created, read, listed, updated and deleted', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const created = await callRest(hub, { method: 'PUT', path, body })
    expect(created).toMatchObject({ status: 200, headers: { etag: JSON.stringify(created.body.etag) } })
    expect(created.body).toEqual({
      moduleId: 'm1',
      managedBy: null,
      deviceId: 'd1',
      generationId: expect.stringMatching(/^\d{18}$/),
      etag: expect.any(String),
      connectionState: 'Disconnected',
      connectionStateUpdatedTime: '0001-01-01T00:00:00Z',
      lastActivityTime: '0001-01-01T00:00:00Z',
      cloudToDeviceMessageCount: 0,
      authentication: {
        symmetricKey: { primaryKey: expect.any(String), secondaryKey: expect.any(String) },
        x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
        type: 'sas',
      },
    })
    expect((await callRest(hub, { method: 'GET', path })).body).toEqual(created.body)
    const list = await callRest(hub, { method: 'GET', path: `/devices/d1/modules${version}` })
    expect(JSON.parse(list.text)).toEqual([created.body])
    const headers = { 'if-match': String(created.headers.etag) }
    const update: RestCall = { method: 'PUT', path, headers, body: { ...created.body, managedBy: 'me' } }
    const updated = await callRest(hub, update)
    expect(updated.body).toMatchObject({ managedBy: 'me', authentication: created.body.authentication })
    expect((await callRest(hub, update)).status).toBe(412)
    expect((await callRest(hub, { method: 'DELETE', path, headers: { 'if-match': '"*"' } })).status).toBe(204)
    expect((await callRest(hub, { method: 'GET', path })).status).toBe(404)
  })

  it.each([
    [
      'created twice',
      'PUT',
      path,
      {},
      409,
      409301,
      'ModuleAlreadyExistsOnDevice',
      'Device d1 already contains Module m1.',
    ],
    ['read but unknown', 'GET', `/devices/d1/modules/m2${version}`, {}, 404, 404010, 'ModuleNotFound', /m2/],
    [
      'updated but unknown',
      'PUT',
      `/devices/d1/modules/m2${version}`,
      { 'if-match': '*' },
      404,
      404010,
      'ModuleNotFound',
      /m2/,
    ],
  ])(
    'that are %s are refused with a flat body',
    async (_name, method, target, headers, status, errorCode, code, message) => {
      await using hub = await hubWithModule()
      const answer = await callRest(hub, { method, path: target, headers, ...(method === 'PUT' ? { body: {} } : {}) })
      expect(answer).toMatchObject({ status, headers: { 'iothub-errorcode': code } })
      expect(answer.body).toEqual({
        errorCode,
        message: typeof message === 'string' ? message : expect.stringMatching(message),
        trackingId: expect.any(String),
        timestampUtc: expect.any(String),
      })
    },
  )

  it.each([
    ['deleted without a condition', 'DELETE', path, 412, 'PreconditionFailed'],
    ['on a device that is unknown', 'PUT', `/devices/d2/modules/m1${version}`, 404, 'DeviceNotFound'],
    ['named like those of the hub', 'PUT', `/devices/d1/modules/%24edgeX${version}`, 400, 'IotHubFormatError'],
  ])('that are %s are refused', async (_name, method, target, status, code) => {
    await using hub = await hubWithModule()
    const answer = await callRest(hub, { method, path: target, ...(method === 'PUT' ? { body: {} } : {}) })
    expect(answer).toMatchObject({ status, body: { Message: expect.stringMatching(`^ErrorCode:${code};.+`) } })
  })

  it('are read and written under the permissions of the registry', async () => {
    await using hub = await hubWithModule()
    const statusOf = async (call: RestCall): Promise<number> => (await callRest(hub, call)).status
    expect(await statusOf({ method: 'GET', path, policy: 'registryRead' })).toBe(200)
    expect(await statusOf({ method: 'PUT', path, policy: 'registryRead', body })).toBe(401)
    expect(
      await statusOf({ method: 'PUT', path: path.replace('m1', 'm2'), policy: 'registryReadWrite', body: {} }),
    ).toBe(200)
    expect(await statusOf({ method: 'GET', path, policy: 'service' })).toBe(401)
  })
})

describe('module twins', () => {
  const twinPath = `/twins/d1/modules/m1${version}`

  it('are read, patched and replaced', async () => {
    await using hub = await hubWithModule()
    const identity = await callRest(hub, { method: 'GET', path })
    const call = (method: string, rest: Partial<RestCall> = {}): Promise<RestAnswer> =>
      callRest(hub, { method, path: twinPath, policy: 'service', ...rest })
    expect(await call('GET')).toMatchObject({
      status: 200,
      headers: { etag: '"AAAAAAAAAAE="' },
      body: { deviceId: 'd1', moduleId: 'm1', deviceEtag: identity.body.etag, version: 2 },
    })
    const headers = { 'if-match': '"AAAAAAAAAAE="' }
    expect((await call('PATCH', { headers, body: { tags: { a: 1 } } })).body).toMatchObject({
      tags: { a: 1 },
      version: 3,
    })
    expect((await call('PATCH', { headers, body: { tags: { a: 2 } } })).status).toBe(412)
    expect((await call('PUT', { body: { tags: { b: 3 } } })).body.tags).toEqual({ b: 3 })
  })

  it('of unknown modules and devices are not found', async () => {
    await using hub = await hubWithModule()
    const codeOf = async (target: string): Promise<unknown> =>
      (await callRest(hub, { method: 'GET', path: target + version })).headers['iothub-errorcode']
    expect(await codeOf('/twins/d1/modules/m2')).toBe('ModuleNotFound')
    expect(await codeOf('/twins/d2/modules/m1')).toBe('DeviceNotFound')
    expect(await codeOf('/twins/d1%2Fm1')).toBe('DeviceNotFound')
  })
})

describe('module methods', () => {
  it('reach the module only, and say when it is away or unknown', async () => {
    await using hub = await hubWithModule()
    const codeOf = async (moduleId: string): Promise<unknown> => {
      const target = `/twins/d1/modules/${moduleId}/methods${version}`
      const answer = await callRest(hub, { method: 'POST', path: target, body: { methodName: 'x' } })
      return [answer.status, answer.headers['iothub-errorcode']]
    }
    expect(await codeOf('m1')).toEqual([404, 'DeviceNotOnline'])
    expect(await codeOf('m2')).toEqual([404, 'ModuleNotFound'])
  })
})

describe('edge devices', () => {
  const edge = { status: 'enabled', authentication: { symmetricKey: {}, type: 'sas' }, capabilities: { iotEdge: true } }

  it('have a scope, system modules, and children that are attached by sending their document back', async () => {
    await using hub = await startLocalHub()
    const put = (id: string, device: JsonObject, headers = {}): Promise<RestAnswer> =>
      callRest(hub, { method: 'PUT', path: `/devices/${id}${version}`, headers, body: { ...device, deviceId: id } })
    const parent = await put('e1', { ...edge, parentScopes: [] })
    expect(parent.body).toMatchObject({
      deviceScope: expect.stringMatching(/^ms-azure-iot-edge:\/\/e1-\d{18}$/),
      parentScopes: [],
      capabilities: { iotEdge: true },
    })
    const modules = await callRest(hub, { method: 'GET', path: `/devices/e1/modules${version}` })
    expect(JSON.parse(modules.text)).toMatchObject([
      { moduleId: '$edgeAgent', managedBy: 'iotEdge', authentication: { type: 'none' } },
      { moduleId: '$edgeHub', managedBy: 'iotEdge', authentication: { type: 'none' } },
    ])
    const child = await put('d1', {})
    expect(child.body).not.toHaveProperty('deviceScope')
    const attached = await put(
      'd1',
      { ...child.body, deviceScope: parent.body.deviceScope ?? '' },
      { 'if-match': String(child.headers.etag) },
    )
    expect(attached.body).toMatchObject({
      deviceScope: parent.body.deviceScope,
      parentScopes: [parent.body.deviceScope],
    })
    const twin = await callRest(hub, { method: 'GET', path: `/twins/d1${version}` })
    expect(twin.body).toMatchObject({ deviceScope: parent.body.deviceScope, parentScopes: [parent.body.deviceScope] })
    expect(await put('e1', edge, { 'if-match': '"*"' })).toMatchObject({
      status: 400,
      headers: { 'iothub-errorcode': 'InvalidDeviceScope' },
    })
  })
})
