import { describe, expect, it } from 'vitest'
import { json, startScriptedRestHub } from '../../../test/scripted-rest-hub.ts'
import type { MethodRequest } from '../../hub/iot-hub.ts'

const reboot: MethodRequest = {
  methodName: 'reboot',
  payload: { delaySeconds: 5 },
  responseTimeoutInSeconds: 30,
  connectTimeoutInSeconds: 0,
}

const twin = {
  deviceId: 'cam-1',
  etag: 'AAAAAAAAAAE=',
  connectionState: 'Connected',
  tags: { site: 'oslo' },
  properties: { desired: { $version: 1 }, reported: { $version: 2, fw: '1' } },
}

describe('invokeMethod', () => {
  it('posts the call once, signed, and returns what the device answered', async () => {
    await using hub = await startScriptedRestHub(json(200, { status: 202, payload: { state: 'accepted' } }))

    const response = await hub.connect().invokeMethod('d#1', reboot)

    expect(response).toEqual({ status: 202, payload: { state: 'accepted' } })
    expect(hub.received).toHaveLength(1)
    expect(hub.received[0]).toMatchObject({
      method: 'POST',
      url: '/twins/d%231/methods?api-version=2021-04-12',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        host: 'scripted.azure-devices.net',
        'user-agent': 'iothub-dm-service',
      },
    })
    expect(hub.received[0]?.headers.authorization).toMatch(/^SharedAccessSignature sr=scripted\.azure-devices\.net&/)
    expect(JSON.parse(hub.received[0]?.body ?? '')).toEqual(reboot)
  })

  it.each([0, false, '', null, [1]])('keeps the payload %j as it is', async payload => {
    await using hub = await startScriptedRestHub((response, { body }) =>
      json(200, { status: 200, payload: JSON.parse(body).payload })(response, {
        body,
        method: '',
        url: '',
        headers: {},
      }),
    )
    await expect(hub.connect().invokeMethod('cam-1', { ...reboot, payload })).resolves.toEqual({ status: 200, payload })
  })

  it('leaves a frozen request alone', async () => {
    await using hub = await startScriptedRestHub(json(200, { status: 200 }))
    const request = Object.freeze({ ...reboot })
    await expect(hub.connect().invokeMethod('cam-1', request)).resolves.toEqual({ status: 200, payload: null })
  })
})

describe('getTwin', () => {
  it('returns the twin', async () => {
    await using hub = await startScriptedRestHub(json(200, twin))
    await expect(hub.connect().getTwin('cam-1')).resolves.toEqual({
      deviceId: 'cam-1',
      etag: 'AAAAAAAAAAE=',
      connectionState: 'Connected',
      tags: { site: 'oslo' },
      desired: { $version: 1 },
      reported: { $version: 2, fw: '1' },
    })
    expect(hub.received[0]).toMatchObject({ method: 'GET', url: '/twins/cam-1?api-version=2021-04-12', body: '' })
  })
})

describe('misuse', () => {
  it('is refused before anything is sent', async () => {
    await using hub = await startScriptedRestHub(json(200, twin))
    const client = hub.connect()
    await expect(client.invokeMethod('cam-1', { ...reboot, responseTimeoutInSeconds: 0 })).rejects.toThrow(RangeError)
    await expect(client.invokeMethod('cam-1', reboot, { timeoutInMs: 0 })).rejects.toThrow(RangeError)
    await expect(client.getTwin('')).rejects.toThrow(RangeError)
    expect(() => hub.connect({ requestTimeoutInMs: -1 })).toThrow(RangeError)
    expect(() => hub.connect({ endpoint: { host: '127.0.0.1', port: 65_536 } })).toThrow(RangeError)
    expect(() => hub.connect({ ca: '/etc/ca.pem' })).toThrow('ca: expected certificates as PEM text')
    expect(() => hub.connect({ userAgent: 'a\nb' })).toThrow(TypeError)
    expect(hub.received).toHaveLength(0)
  })
})

describe('an answer in pieces', () => {
  it('keeps letters whose bytes arrive apart', async () => {
    const body = Buffer.from(JSON.stringify({ status: 200, payload: 'Zürich 東京 🙂' }))
    await using hub = await startScriptedRestHub(response => {
      response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' })
      const writeFrom = (at: number): void => {
        if (at === body.length) response.end()
        else response.write(body.subarray(at, at + 1), () => setImmediate(writeFrom, at + 1))
      }
      writeFrom(0)
    })
    await expect(hub.connect().invokeMethod('cam-1', reboot)).resolves.toEqual({
      status: 200,
      payload: 'Zürich 東京 🙂',
    })
  })
})

describe('connections', () => {
  it('are at most 32, and kept', async () => {
    await using hub = await startScriptedRestHub(json(200, twin))
    const client = hub.connect()
    await Promise.all(Array.from({ length: 200 }, () => client.getTwin('cam-1')))
    expect(hub.received).toHaveLength(200)
    expect(hub.connections()).toBeLessThanOrEqual(32)

    const before = hub.connections()
    await client.getTwin('cam-1')
    expect(hub.connections()).toBe(before)
  })

  it('end on close, those of calls under way with their call', async () => {
    const held: (() => void)[] = []
    await using hub = await startScriptedRestHub((response, request) => {
      held.push(() => json(200, twin)(response, request))
    })
    const client = hub.connect()
    const underWay = client.getTwin('cam-1')
    await hub.nextRequest()
    client.close()
    held[0]?.()
    await expect(underWay).resolves.toMatchObject({ deviceId: 'cam-1' })
    await hub.disconnected()
    await expect(client.getTwin('cam-1')).rejects.toMatchObject({ code: 'ClientClosed', retryable: false })
    await expect(client.invokeMethod('cam-1', reboot)).rejects.toMatchObject({ code: 'ClientClosed' })
    expect(hub.received).toHaveLength(1)
  })
})
