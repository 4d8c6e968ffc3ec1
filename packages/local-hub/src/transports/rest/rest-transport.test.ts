import { describe, expect, it } from 'vitest'
import { hubWithDevice } from '../../../test/hub-with-device.ts'
import { nestedMessage } from '../../../test/nested-message.ts'
import { callRest, serviceToken } from '../../../test/rest-call.ts'
import { signSas } from '../../../test/sas.ts'
import type { JsonObject } from '../../hub-core/json/json.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

const api = '?api-version=2021-04-12'

describe('identities', () => {
  it('are created, read, listed, updated and deleted', async () => {
    await using hub = await startLocalHub()
    const path = `/devices/d%231${api}`
    const created = await callRest(hub, { method: 'PUT', path, body: { deviceId: 'd#1' } })
    expect(created.status).toBe(200)
    expect(created.body).toEqual({
      deviceId: 'd#1',
      generationId: expect.stringMatching(/^\d{18}$/),
      etag: expect.stringMatching(/^[\w+/]+=*$/),
      connectionState: 'Disconnected',
      status: 'enabled',
      statusReason: null,
      connectionStateUpdatedTime: '0001-01-01T00:00:00Z',
      statusUpdatedTime: '0001-01-01T00:00:00Z',
      lastActivityTime: '0001-01-01T00:00:00Z',
      cloudToDeviceMessageCount: 0,
      authentication: {
        symmetricKey: {
          primaryKey: expect.stringMatching(/^.{43}=$/),
          secondaryKey: expect.stringMatching(/^.{43}=$/),
        },
        x509Thumbprint: { primaryThumbprint: null, secondaryThumbprint: null },
        type: 'sas',
      },
      capabilities: { iotEdge: false },
    })
    expect(created.headers).toMatchObject({
      etag: JSON.stringify(created.body.etag),
      'x-ms-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
      'content-type': 'application/json; charset=utf-8',
    })
    expect((await callRest(hub, { method: 'GET', path })).body).toEqual(created.body)
    const updated = await callRest(hub, {
      method: 'PUT',
      path,
      headers: { 'if-match': '"*"' },
      body: { ...created.body, etag: 'ignored', status: 'disabled', statusReason: 'lost' },
    })
    expect(updated.body).toMatchObject({
      status: 'disabled',
      statusReason: 'lost',
      generationId: created.body.generationId,
      authentication: created.body.authentication,
    })
    const statistics = await callRest(hub, { method: 'GET', path: `/statistics/devices${api}` })
    expect(statistics.body).toEqual({ totalDeviceCount: 1, enabledDeviceCount: 0, disabledDeviceCount: 1 })
    const removal = { method: 'DELETE', path, headers: { 'if-match': String(updated.headers.etag) } }
    expect(await callRest(hub, removal)).toMatchObject({ status: 204, text: '' })
    expect((await callRest(hub, { method: 'GET', path })).status).toBe(404)
  })

  it('have ids that are decoded once', async () => {
    await using hub = await startLocalHub()
    for (const deviceId of ['a%b', '%41', "(!*');:@=+$,?#", 'x'.repeat(128)]) {
      const path = `/devices/${encodeURIComponent(deviceId)}${api}`
      expect((await callRest(hub, { method: 'PUT', path, body: {} })).body).toMatchObject({ deviceId })
      expect((await callRest(hub, { method: 'GET', path })).body).toMatchObject({ deviceId })
    }
  })

  it('are listed as an array, with or without trailing slash', async () => {
    await using hub = await hubWithDevice()
    await hub.createDevice('d2')
    const ids = async (path: string): Promise<unknown> =>
      JSON.parse((await callRest(hub, { method: 'GET', path })).text).map((device: JsonObject) => device.deviceId)
    expect(await ids(`/devices/${api}`)).toEqual(['d1', 'd2'])
    expect(await ids(`/devices?top=1&api-version=2018-06-30`)).toEqual(['d1'])
  })

  it.each([
    ['created twice', 'PUT', '/devices/d1', {}, {}, 409, 'DeviceAlreadyExists'],
    ['updated but unknown', 'PUT', '/devices/d2', { 'if-match': '*' }, {}, 404, 'DeviceNotFound'],
    ['updated with a stale etag', 'PUT', '/devices/d1', { 'if-match': '"AAAA"' }, {}, 412, 'PreconditionFailed'],
    ['deleted without a condition', 'DELETE', '/devices/d1', {}, undefined, 412, 'PreconditionFailed'],
    ['deleted but unknown', 'DELETE', '/devices/d2', { 'if-match': '*' }, undefined, 404, 'DeviceNotFound'],
    ['created with a blank in the id', 'PUT', '/devices/d%201', {}, {}, 400, 'IotHubFormatError'],
    ['created with something that is not JSON', 'PUT', '/devices/d2', {}, '{', 400, 'IotHubFormatError'],
    ['created without a body', 'PUT', '/devices/d2', {}, undefined, 400, 'ArgumentInvalid'],
  ])('that are %s are refused', async (_name, method, path, headers, body, status, code) => {
    await using hub = await hubWithDevice()
    const call = { method, path: `${path}${api}`, headers, ...(body === undefined ? {} : { body }) }
    const answer = await callRest(hub, call)
    expect(answer).toMatchObject({ status, headers: { 'iothub-errorcode': code } })
    expect(answer.body).toEqual({
      Message: expect.stringMatching(new RegExp(`^ErrorCode:${code};.+`)),
      ExceptionMessage: expect.stringMatching(/^Tracking ID:[0-9A-F]{32}-G:0-TimeStamp:/),
    })
  })
})

describe('twins', () => {
  it('are read, patched and replaced', async () => {
    await using hub = await hubWithDevice()
    const path = `/twins/d1${api}`
    const read = await callRest(hub, { method: 'GET', path })
    expect(read).toMatchObject({ status: 200, headers: { etag: '"AAAAAAAAAAE="' }, body: { etag: 'AAAAAAAAAAE=' } })
    const etag = String(read.headers.etag)
    const patched = await callRest(hub, {
      method: 'PATCH',
      path,
      headers: { 'if-match': etag },
      body: { tags: { a: 1 } },
    })
    expect(patched).toMatchObject({ status: 200, headers: { etag: '"AAAAAAAAAAI="' }, body: { tags: { a: 1 } } })
    const stale = await callRest(hub, {
      method: 'PATCH',
      path,
      headers: { 'if-match': etag },
      body: { tags: { a: 2 } },
    })
    expect(stale).toMatchObject({ status: 412, headers: { 'iothub-errorcode': 'PreconditionFailed' } })
    const replaced = await callRest(hub, {
      method: 'PUT',
      path,
      headers: { 'if-match': '"*"' },
      body: { tags: { b: 3 } },
    })
    expect(replaced.body.tags).toEqual({ b: 3 })
  })

  it('are refused with a nested body that names the property', async () => {
    await using hub = await hubWithDevice()
    const body = { properties: { desired: { 'a.b': 1 } } }
    const answer = await callRest(hub, { method: 'PATCH', path: `/twins/d1${api}`, body })
    expect(answer).toMatchObject({ status: 400, headers: { 'iothub-errorcode': 'ArgumentInvalid' } })
    expect(answer.body.ExceptionMessage).toBe('')
    expect(nestedMessage(answer.body)).toEqual({
      errorCode: 400004,
      trackingId: expect.any(String),
      message: expect.stringContaining('Error in Property/Tag a.b.'),
      info: null,
      timestampUtc: expect.any(String),
    })
  })

  it('of unknown devices are not found', async () => {
    await using hub = await startLocalHub()
    for (const method of ['GET', 'PATCH', 'PUT']) {
      const body = method === 'GET' ? {} : { body: { tags: {} } }
      const answer = await callRest(hub, { method, path: `/twins/nobody${api}`, ...body })
      expect(answer).toMatchObject({ status: 404, body: { Message: 'ErrorCode:DeviceNotFound;nobody' } })
    }
  })

  it('take a member called __proto__ as data', async () => {
    await using hub = await hubWithDevice()
    const path = `/twins/d1${api}`
    const answer = await callRest(hub, { method: 'PATCH', path, body: '{"tags":{"__proto__":{"polluted":true}}}' })
    expect(answer.text).toContain('"tags":{"__proto__":{"polluted":true}}')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

describe('authorization', () => {
  it.each([
    ['none', () => ({ authorization: '' })],
    [
      'a forged token',
      hub => ({ authorization: signSas({ sr: hub.hostName, se: 9_999_999_999, key: 'YWFh', skn: 'iothubowner' }) }),
    ],
    ['a policy without the permission', hub => ({ authorization: serviceToken(hub, 'registryReadWrite') })],
  ] satisfies [string, (hub: LocalHub) => { authorization: string }][])('with %s is 401', async (_name, header) => {
    await using hub = await hubWithDevice()
    const refused = hub.waitFor('accessRefused')
    expect(await callRest(hub, { method: 'GET', path: `/twins/d1${api}`, ...header(hub) })).toMatchObject({
      status: 401,
      headers: { 'iothub-errorcode': 'IotHubUnauthorizedAccess' },
      body: { Message: 'ErrorCode:IotHubUnauthorizedAccess;Unauthorized' },
    })
    expect(await refused).toMatchObject({ client: 'service' })
  })

  it('is by the permission of each route', async () => {
    await using hub = await hubWithDevice()
    const statusOf = async (
      policy: 'service' | 'registryRead' | 'registryReadWrite',
      method: string,
      path: string,
    ): Promise<number> =>
      (await callRest(hub, { method, path: `${path}${api}`, policy, ...(method === 'PUT' ? { body: {} } : {}) })).status
    expect(await statusOf('registryRead', 'GET', '/devices/d1')).toBe(200)
    expect(await statusOf('registryRead', 'GET', '/statistics/service')).toBe(200)
    expect(await statusOf('registryRead', 'PUT', '/devices/d2')).toBe(401)
    expect(await statusOf('registryReadWrite', 'PUT', '/devices/d2')).toBe(200)
    expect(await statusOf('service', 'GET', '/devices/d1')).toBe(401)
    expect(await statusOf('service', 'GET', '/twins/d1')).toBe(200)
    expect(await statusOf('service', 'PUT', '/twins/d1')).toBe(200)
  })
})

describe('requests that make no sense', () => {
  it.each([
    ['an unknown route', 'GET', '/nothing/here', 404],
    ['a method that a route does not have', 'PATCH', '/devices/d1', 404],
    ['a URL that cannot be decoded', 'GET', '/devices/%zz', 400],
  ])('such as %s are answered in the form of all errors', async (_name, method, path, status) => {
    await using hub = await startLocalHub()
    const answer = await callRest(hub, { method, path: `${path}${api}` })
    expect(answer.status).toBe(status)
    expect(answer.body.Message).toMatch(/^ErrorCode:\w+;.+/)
    expect(answer.headers['iothub-errorcode']).toBeDefined()
  })

  it('such as a body over the limit are answered with 413', async () => {
    await using hub = await hubWithDevice()
    const body = { tags: { a: 'x'.repeat(1024 * 1024) } }
    expect((await callRest(hub, { method: 'PATCH', path: `/twins/d1${api}`, body })).status).toBe(413)
  })
})
