import { describe, expect, it } from 'vitest'
import { callRest, type RestAnswer, type RestCall } from '../../../test/rest-call.ts'
import { inOneHour, parseConnectionString, signSas } from '../../../test/sas.ts'
import type { JsonObject } from '../../hub-core/json/json.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

/** Calls the way the azure-iot extension of az writes them: wire reference 2.2 and the captures of 2.7. */
interface Az extends AsyncDisposable {
  readonly hub: LocalHub
  call(method: string, path: string, rest?: Partial<RestCall>): Promise<RestAnswer>
}

async function startWithAz(): Promise<Az> {
  const hub = await startLocalHub()
  const { SharedAccessKey: key = '' } = parseConnectionString(hub.connectionString())
  const sr = encodeURIComponent(`127.0.0.1:${hub.httpsEndpoint.port}`)
  const authorization = signSas({ sr, se: inOneHour(), key, skn: 'iothubowner' })
  return {
    hub,
    call: (method, path, { headers, ...rest } = {}) =>
      callRest(hub, {
        method,
        path: `${path}${path.includes('?') ? '&' : '?'}api-version=2024-03-31`,
        authorization,
        headers: {
          'User-Agent': 'python/3.11.2 (Linux) msrest/0.7.1 IoTHubClient azure-iot/0.25.0',
          Accept: 'application/json',
          'Content-Type': 'application/json; charset=utf-8',
          'x-ms-client-request-id': '0d9ea9a0-7a5f-11f0-9e4b-0242ac110002',
          ...headers,
        },
        ...rest,
      }),
    [Symbol.asyncDispose]: () => hub.close(),
  }
}

const anyEtag = { 'If-Match': '"*"' }
const d1 =
  '{"deviceId":"d1","status":"enabled","authentication":{"symmetricKey":{},"type":"sas"},"capabilities":{"iotEdge":false}}'

describe('az iot hub device-identity', () => {
  it.each([
    ['keys', 'd1', d1, { status: 'enabled', authentication: { type: 'sas' } }],
    [
      'thumbprints',
      'd2',
      '{"deviceId":"d2","status":"disabled","statusReason":"r","authentication":{"x509Thumbprint":{"primaryThumbprint":"AAAA","secondaryThumbprint":"BBBB"},"type":"selfSigned"},"capabilities":{"iotEdge":false}}',
      {
        status: 'disabled',
        statusReason: 'r',
        authentication: {
          type: 'selfSigned',
          x509Thumbprint: { primaryThumbprint: 'AAAA', secondaryThumbprint: 'BBBB' },
        },
      },
    ],
    [
      'an authority',
      'd3',
      '{"deviceId":"d3","status":"enabled","authentication":{"type":"certificateAuthority"},"capabilities":{"iotEdge":false}}',
      { authentication: { type: 'certificateAuthority' } },
    ],
    [
      'an edge device',
      'e1',
      '{"deviceId":"e1","status":"enabled","authentication":{"symmetricKey":{},"type":"sas"},"capabilities":{"iotEdge":true},"parentScopes":[]}',
      { capabilities: { iotEdge: true }, parentScopes: [] },
    ],
  ])('create makes one with %s', async (_name, id, body, expected) => {
    await using az = await startWithAz()
    expect(await az.call('PUT', `/devices/${id}`, { body })).toMatchObject({ status: 200, body: expected })
  })

  it('update writes what it read under a quoted star, with a star for an etag in the body', async () => {
    await using az = await startWithAz()
    const { authentication = null } = (await az.call('PUT', '/devices/d1', { body: d1 })).body
    const body = { deviceId: 'd1', etag: '*', status: 'disabled', authentication, capabilities: { iotEdge: false } }
    const updated = await az.call('PUT', '/devices/d1', { headers: anyEtag, body })
    expect(updated).toMatchObject({ status: 200, body: { status: 'disabled', authentication } })
  })

  it('parent set sends the whole child back, with its etag quoted', async () => {
    await using az = await startWithAz()
    const edge = d1.replaceAll('d1', 'e1').replace('"iotEdge":false', '"iotEdge":true')
    await az.call('PUT', '/devices/e1', { body: edge })
    await az.call('PUT', '/devices/d1', { body: d1 })
    const { deviceScope = '' } = (await az.call('GET', '/devices/e1')).body
    const { headers: childHeaders, body: child } = await az.call('GET', '/devices/d1')
    const headers = { 'If-Match': String(childHeaders.etag) }
    const { symmetricKey = null } = JSON.parse(JSON.stringify(child.authentication))
    const body = { ...child, authentication: { symmetricKey, x509Thumbprint: {}, type: 'sas' }, deviceScope }
    const updated = await az.call('PUT', '/devices/d1', { headers, body })
    expect(updated).toMatchObject({ status: 200, body: { deviceScope, parentScopes: [deviceScope] } })
  })

  it('renew-key, show and delete', async () => {
    await using az = await startWithAz()
    const created = (await az.call('PUT', '/devices/d1', { body: d1 })).body
    const renewed = await az.call('POST', '/devices/keys/regenerate', {
      body: '{"policyKey":"primaryKey","devices":[{"id":"d1"}]}',
    })
    expect(renewed).toMatchObject({ status: 200, body: { errors: [] } })
    const shown = await az.call('GET', '/devices/d1')
    expect(shown.body.authentication).not.toEqual(created.authentication)
    const headers = { 'If-Match': String(shown.headers.etag) }
    expect(await az.call('DELETE', '/devices/d1', { headers })).toMatchObject({ status: 204, text: '' })
    expect(await az.call('GET', '/devices/d1')).toMatchObject({
      status: 404,
      body: { Message: 'ErrorCode:DeviceNotFound;d1' },
    })
  })
})

describe('az iot hub module-identity', () => {
  it('create, update, show, list and delete', async () => {
    await using az = await startWithAz()
    await az.call('PUT', '/devices/d1', { body: d1 })
    const body = '{"moduleId":"m1","deviceId":"d1","authentication":{"symmetricKey":{},"type":"sas"}}'
    const created = await az.call('PUT', '/devices/d1/modules/m1', { body })
    expect(created.status).toBe(200)
    const updated = await az.call('PUT', '/devices/d1/modules/m1', {
      headers: anyEtag,
      body: { ...created.body, etag: '*', managedBy: 'az' },
    })
    expect(updated.body).toMatchObject({ managedBy: 'az', generationId: created.body.generationId })
    expect((await az.call('GET', '/devices/d1/modules/m1')).body).toEqual(updated.body)
    const listed = await az.call('GET', '/devices/d1/modules', { headers: { 'x-ms-max-item-count': '1000' } })
    expect(JSON.parse(listed.text)).toEqual([updated.body])
    expect((await az.call('DELETE', '/devices/d1/modules/m1', { headers: anyEtag })).status).toBe(204)
  })
})

describe('az iot hub device-twin', () => {
  it('update --set sends the whole document, --tags and --desired a part', async () => {
    await using az = await startWithAz()
    await az.call('PUT', '/devices/d1', { body: d1 })
    const part = { tags: { a: 1 }, properties: { desired: { b: { c: 2 } } } }
    await az.call('PATCH', '/twins/d1', { headers: anyEtag, body: part })
    const document = (await az.call('GET', '/twins/d1')).body
    const body: JsonObject = { ...document, tags: { a: 5 } }
    const updated = await az.call('PATCH', '/twins/d1', { headers: anyEtag, body })
    expect(updated).toMatchObject({ status: 200, body: { ...part, tags: { a: 5 }, version: 4 } })
  })

  it('replace puts a document under a quoted star', async () => {
    await using az = await startWithAz()
    await az.call('PUT', '/devices/d1', { body: d1 })
    await az.call('PATCH', '/twins/d1', { headers: anyEtag, body: { tags: { a: 1 } } })
    const document = (await az.call('GET', '/twins/d1')).body
    const body = { ...document, tags: { b: 2 } }
    expect((await az.call('PUT', '/twins/d1', { headers: anyEtag, body })).body.tags).toEqual({ b: 2 })
  })
})

describe('az iot hub invoke-device-method', () => {
  it.each([
    '{"methodName":"hello","payload":{"a":1},"responseTimeoutInSeconds":"30","connectTimeoutInSeconds":"0"}',
    '{"methodName":"hello","payload":{},"responseTimeoutInSeconds":40,"connectTimeoutInSeconds":0}',
  ])('sends %s', async body => {
    await using az = await startWithAz()
    await az.call('PUT', '/devices/d1', { body: d1 })
    const answer = await az.call('POST', '/twins/d1/methods', { body })
    expect(answer).toMatchObject({ status: 404, headers: { 'iothub-errorcode': 'DeviceNotOnline' } })
  })
})

describe('az iot hub digital-twin', () => {
  it('update sends a bare star and reads what became of it; invoke-command has its time-outs in the URL', async () => {
    await using az = await startWithAz()
    await az.call('PUT', '/devices/d1', { body: d1 })
    const patched = await az.call('PATCH', '/digitaltwins/d1', {
      headers: { 'If-Match': '*' },
      body: '[{"op":"add","path":"/thermostat1","value":{"$metadata":{},"targetTemperature":54}}]',
    })
    expect(patched).toMatchObject({
      status: 202,
      text: '',
      headers: { etag: '"AAAAAAAAAAI="', location: expect.stringMatching(/^https:.*\/digitaltwins\/d1$/) },
    })
    const shown = await az.call('GET', '/digitaltwins/d1')
    expect(shown.headers.etag).toBe('"AAAAAAAAAAI="')
    expect(shown.body.thermostat1).toMatchObject({ $metadata: { targetTemperature: { desiredValue: 54 } } })
    const command = '/digitaltwins/d1/commands/x?connectTimeoutInSeconds=0&responseTimeoutInSeconds=10'
    expect((await az.call('POST', command, { body: '{}' })).headers['iothub-errorcode']).toBe('DeviceNotOnline')
  })
})

describe('az iot device c2d-message', () => {
  it('purge tells how many messages there were', async () => {
    await using az = await startWithAz()
    await az.call('PUT', '/devices/d1', { body: d1 })
    for (const payload of ['1', '2']) await az.hub.sendMessage('d1', { payload, acknowledgement: 'negative' })
    expect((await az.call('GET', '/devices/d1')).body.cloudToDeviceMessageCount).toBe(2)
    const purged = await az.call('DELETE', '/devices/d1/commands')
    expect(purged).toMatchObject({ status: 200, body: { totalMessagesPurged: 2, deviceId: 'd1', moduleId: null } })
    const feedback = await az.call('GET', '/messages/serviceBound/feedback')
    expect(JSON.parse(feedback.text)).toMatchObject([{ statusCode: 'Purged' }, { statusCode: 'Purged' }])
    const lock = String(feedback.headers.etag).slice(1, -1)
    expect((await az.call('POST', `/messages/serviceBound/feedback/${lock}/abandon`)).status).toBe(204)
    const again = String((await az.call('GET', '/messages/servicebound/feedback')).headers.etag).slice(1, -1)
    expect((await az.call('DELETE', `/messages/serviceBound/feedback/${again}`)).status).toBe(204)
    expect(await az.call('GET', '/messages/serviceBound/feedback')).toMatchObject({ status: 204, text: '' })
  })
})

describe('az iot hub job list', () => {
  it('finds no import or export, and cannot start one', async () => {
    await using az = await startWithAz()
    expect((await az.call('GET', '/jobs')).text).toBe('[]')
    expect((await az.call('GET', '/jobs/j1')).headers['iothub-errorcode']).toBe('JobNotFound')
    const body = '{"type":"export","outputBlobContainerUri":"https://out","excludeKeysInExport":true}'
    expect(await az.call('POST', '/jobs/create', { body })).toMatchObject({
      status: 400,
      headers: { 'iothub-errorcode': 'BlobContainerValidationError' },
    })
  })
})
