import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { describe, expect, it } from 'vitest'
import { createCertificate } from '../../../test/certificates.ts'
import { callRest, type RestAnswer, type RestCall } from '../../../test/rest-call.ts'
import { inOneHour, parseConnectionString, signSas } from '../../../test/sas.ts'
import { type LocalHub, startLocalHub } from '../../index.ts'

const version = 'api-version=2019-10-01'

/** A hub with the device `d1`, and calls in its name. */
async function hubWithDevice() {
  const hub = await startLocalHub()
  const { SharedAccessKey: key = '' } = parseConnectionString(await hub.createDevice('d1'))
  const authorization = signSas({ sr: encodeURIComponent(`${hub.hostName}/devices/d1`), se: inOneHour(), key })
  const call = (method: string, path: string, rest: Partial<RestCall> = {}): Promise<RestAnswer> =>
    callRest(hub, { method, path: `/devices/d1/${path}`, authorization, ...rest })
  return { hub, authorization, call, [Symbol.asyncDispose]: () => hub.close() }
}

const lockOf = ({ headers }: RestAnswer): string => String(headers.etag).slice(1, -1)

describe('a device that sends over HTTP', () => {
  it('is heard, with the properties it gave', async () => {
    await using device = await hubWithDevice()
    const received = device.hub.waitFor('telemetryReceived')
    const headers = {
      'Content-Type': 'application/json',
      'Content-Encoding': 'utf-8',
      'iothub-messageid': 'id 1',
      'iothub-app-Temperature-Alert': 'a/b',
    }
    const sent = await device.call('POST', `messages/events?${version}`, { headers, body: 'not {JSON' })
    expect(sent).toMatchObject({ status: 204, text: '' })
    const { payload, ...event } = await received
    expect(Buffer.from(payload).toString()).toBe('not {JSON')
    expect(event).toMatchObject({
      deviceId: 'd1',
      systemProperties: { contentType: 'application/json', contentEncoding: 'utf-8', messageId: 'id 1' },
      properties: { 'Temperature-Alert': 'a/b' },
    })
  })

  it.each([
    ['its own certificate', true, 204],
    ['that of another', false, 401],
  ])('shows %s instead of a token', async (_name, isOwn, status) => {
    await using hub = await startLocalHub()
    const [own, other] = [await createCertificate({ commonName: 'd1' }), await createCertificate({ commonName: 'd1' })]
    await hub.createDevice('d1', { x509: { primaryThumbprint: own.sha256 } })
    const { cert, key } = isOwn ? own : other
    const { host, port } = hub.httpsEndpoint
    const tls = { host, port, ca: hub.caCertificate, servername: hub.hostName, cert, key }
    const outgoing = request({ ...tls, method: 'POST', path: `/devices/d1/messages/events?${version}` })
    outgoing.end('x')
    const [response]: IncomingMessage[] = await once(outgoing, 'response')
    expect(response?.statusCode).toBe(status)
    response?.resume()
  })

  it('may send nothing, and no more than 256 KB', async () => {
    await using device = await hubWithDevice()
    expect((await device.call('POST', 'messages/events')).status).toBe(204)
    const body = 'x'.repeat(256 * 1024)
    expect((await device.call('POST', 'messages/events', { body })).status).toBe(204)
    expect((await device.call('POST', 'messages/events', { body: `${body}x` })).status).toBe(413)
  })

  it('is told that files are not taken', async () => {
    await using device = await hubWithDevice()
    for (const path of ['files', 'files/notifications', 'files/notifications/c1']) {
      const answer = await device.call('POST', path, { body: { blobName: 'b' } })
      expect(answer).toMatchObject({
        status: 400,
        headers: { 'iothub-errorcode': 'DefaultStorageEndpointNotConfigured' },
        body: { Message: expect.stringContaining('no storage account') },
      })
    }
  })
})

describe('a device that receives over HTTP', () => {
  it('gets a message with everything its sender wrote', async () => {
    await using device = await hubWithDevice()
    await device.hub.sendMessage('d1', {
      payload: 'hé',
      messageId: 'm1',
      correlationId: 'c1',
      userId: 'ü',
      contentType: 'text/plain; charset=utf-8',
      acknowledgement: 'full',
      properties: { kind: 'alarm', 'a b': '🔑' },
    })
    const answer = await device.call('GET', `messages/deviceBound?${version}`)
    expect(answer).toMatchObject({ status: 200, text: 'hé' })
    expect(answer.headers).toMatchObject({
      etag: expect.stringMatching(/^"[0-9a-f-]{36}"$/),
      'content-type': 'text/plain; charset=utf-8',
      'iothub-messageid': 'm1',
      'iothub-correlationid': 'c1',
      'iothub-userid': '%C3%BC',
      'iothub-to': '/devices/d1/messages/devicebound',
      'iothub-ack': 'full',
      'iothub-sequencenumber': '1',
      'iothub-deliverycount': '0',
      'iothub-enqueuedtime': expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      'iothub-app-kind': 'alarm',
      'iothub-app-a%20b': '%F0%9F%94%91',
    })
    expect((await device.call('GET', 'messages/devicebound')).status).toBe(204)
  })

  it('completes, rejects and abandons', async () => {
    await using device = await hubWithDevice()
    await device.hub.sendMessage('d1', { payload: '1', messageId: 'm1' })
    const first = await device.call('GET', 'messages/deviceBound')
    expect((await device.call('POST', `messages/deviceBound/${lockOf(first)}/abandon?${version}`)).status).toBe(204)
    const again = await device.call('GET', 'messages/deviceBound', { headers: { 'IotHub-MessageLockTimeout': '60' } })
    expect(again.headers['iothub-deliverycount']).toBe('1')
    const completed = device.hub.waitFor('cloudToDeviceSettled')
    expect((await device.call('DELETE', `messages/deviceBound/${lockOf(again)}?${version}`)).status).toBe(204)
    expect(await completed).toMatchObject({ deviceId: 'd1', messageId: 'm1', outcome: 'completed' })
    await device.hub.sendMessage('d1', { payload: '2', messageId: 'm2' })
    const rejected = device.hub.waitFor('cloudToDeviceSettled')
    const second = lockOf(await device.call('GET', 'messages/deviceBound'))
    expect((await device.call('DELETE', `messages/deviceBound/${second}?reject=&${version}`)).status).toBe(204)
    expect(await rejected).toMatchObject({ messageId: 'm2', outcome: 'rejected' })
    expect(await device.call('DELETE', `messages/deviceBound/${second}`)).toMatchObject({
      status: 412,
      headers: { 'iothub-errorcode': 'DeviceMessageLockLost' },
    })
  })

  it.each(['x', '4', '301', '5.5'])('may not lock a message for %s seconds', async timeout => {
    await using device = await hubWithDevice()
    const headers = { 'IotHub-MessageLockTimeout': timeout }
    expect((await device.call('GET', 'messages/deviceBound', { headers })).status).toBe(400)
  })
})

describe('a device over HTTP', () => {
  it.each([
    ['the token of another device', async (hub: LocalHub) => deviceToken(hub, await hub.createDevice('d2'))],
    ['a service policy', async (hub: LocalHub) => policyToken(hub, 'service')],
    ['nothing', async () => ''],
  ])('is not let in with %s', async (_name, token) => {
    await using device = await hubWithDevice()
    const authorization = await token(device.hub)
    for (const [method, path] of [
      ['POST', 'messages/events'],
      ['GET', 'messages/deviceBound'],
      ['DELETE', 'messages/deviceBound/x'],
      ['POST', 'files'],
    ] as const) {
      expect((await device.call(method, path, { authorization })).status).toBe(401)
    }
  })

  it('is let in with a policy that may connect devices, has no twin there, and its modules have nothing', async () => {
    await using device = await hubWithDevice()
    const authorization = policyToken(device.hub, 'device')
    expect((await device.call('POST', 'messages/events', { authorization })).status).toBe(204)
    expect((await device.call('GET', 'twin')).status).toBe(404)
    expect((await device.call('POST', 'modules/m1/messages/events')).status).toBe(404)
  })
})

function deviceToken(hub: LocalHub, connectionString: string): string {
  const { SharedAccessKey: key = '', DeviceId: id = '' } = parseConnectionString(connectionString)
  return signSas({ sr: encodeURIComponent(`${hub.hostName}/devices/${id}`), se: inOneHour(), key })
}

function policyToken(hub: LocalHub, policy: 'service' | 'device'): string {
  const { SharedAccessKey: key = '' } = parseConnectionString(hub.connectionString(policy))
  return signSas({ sr: hub.hostName, se: inOneHour(), key, skn: policy })
}
