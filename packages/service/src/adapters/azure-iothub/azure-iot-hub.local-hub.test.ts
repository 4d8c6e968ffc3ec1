import { type LocalHub, type PolicyName, startLocalHub } from '@iothub-dm/local-hub'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IotHub, MethodRequest } from '../../hub/iot-hub.ts'
import { createAzureIotHub } from './azure-iot-hub.ts'
import { sharedKeyCredentials } from './shared-key-credentials.ts'

const reboot: MethodRequest = {
  methodName: 'reboot',
  payload: null,
  responseTimeoutInSeconds: 5,
  connectTimeoutInSeconds: 0,
}

describe('against the local hub', () => {
  let hub: LocalHub
  const clients: IotHub[] = []

  function connect(policy: PolicyName = 'service', connectionString = hub.connectionString(policy)): IotHub {
    const client = createAzureIotHub(sharedKeyCredentials(connectionString), {
      endpoint: hub.httpsEndpoint,
      ca: hub.caCertificate,
    })
    clients.push(client)
    return client
  }

  beforeAll(async () => {
    hub = await startLocalHub()
    await hub.createDevice('cam-1')
    await hub.createDevice("d#1:%_?(),=@;$'")
  })
  afterAll(async () => {
    for (const client of clients) client.close()
    await hub.close()
  })

  it.each(['cam-1', "d#1:%_?(),=@;$'"])('reads the twin of %s', async deviceId => {
    await expect(connect().getTwin(deviceId)).resolves.toMatchObject({
      deviceId,
      connectionState: 'Disconnected',
      tags: {},
      desired: { $version: 1 },
      reported: { $version: 1 },
    })
  })

  it('reports a device that does not exist', async () => {
    const expected = { code: 'DeviceNotFound', hubCode: 404001, httpStatus: 404, retryable: false }
    await expect(connect().getTwin('cam-9')).rejects.toMatchObject(expected)
    await expect(connect().invokeMethod('cam-9', reboot)).rejects.toMatchObject(expected)
  })

  it('reports a device that is not connected', async () => {
    await expect(connect().invokeMethod('cam-1', reboot)).rejects.toMatchObject({
      code: 'DeviceOffline',
      hubCode: 404103,
      retryable: true,
      outcomeUnknown: false,
      trackingId: expect.stringMatching(/\S/),
    })
  })

  it('reports a wrong key, and a policy without the permission', async () => {
    const wrongKey = hub.connectionString('service').replace(/SharedAccessKey=.*/, 'SharedAccessKey=d3Jvbmc=')
    const expected = { code: 'Unauthorized', httpStatus: 401, retryable: false }
    await expect(connect('service', wrongKey).getTwin('cam-1')).rejects.toMatchObject(expected)
    await expect(connect('registryReadWrite').getTwin('cam-1')).rejects.toMatchObject(expected)
  })

  it('writes to a twin, and holds the ETag against it', async () => {
    const client = connect()
    const first = await client.patchTwin('cam-1', { tags: { site: 'oslo', floor: 2 }, desired: { fps: 5 } })
    expect(first).toMatchObject({ tags: { site: 'oslo', floor: 2 }, desired: { fps: 5, $version: 2 } })
    const second = await client.patchTwin('cam-1', { tags: { floor: null } }, { etag: first.etag })
    expect(second.tags).toEqual({ site: 'oslo' })
    await expect(client.patchTwin('cam-1', { tags: { floor: 3 } }, { etag: first.etag })).rejects.toMatchObject({
      code: 'PreconditionFailed',
      hubCode: 412001,
      outcomeUnknown: false,
    })
    const third = await client.replaceTwin('cam-1', { desired: { lens: 'wide' } }, { etag: second.etag })
    expect(third).toMatchObject({ tags: {}, desired: { lens: 'wide' } })
    expect(third.desired).not.toHaveProperty('fps')
  })

  it('reports a write that the hub does not take', async () => {
    await expect(connect().patchTwin('cam-1', { tags: { 'a.b': 1 } })).rejects.toMatchObject({
      code: 'InvalidHubRequest',
    })
    await expect(connect().patchTwin('cam-9', { tags: {} })).rejects.toMatchObject({ code: 'DeviceNotFound' })
  })

  it('queries page by page', async () => {
    const client = connect('iothubowner')
    for (let index = 0; index < 5; index += 1) await client.createDevice(`page-${index}`)
    const text = "SELECT deviceId FROM devices WHERE STARTSWITH(deviceId, 'page-')"
    const ids = new Set<unknown>()
    let continuation: string | undefined
    let pages = 0
    do {
      const page = await client.query(text, { pageSize: 2, continuation })
      for (const { deviceId } of page.rows) ids.add(deviceId)
      continuation = page.continuation
      pages += 1
    } while (continuation !== undefined)
    expect(ids).toEqual(new Set(['page-0', 'page-1', 'page-2', 'page-3', 'page-4']))
    expect(pages).toBe(3)
    await expect(client.query('SELECT')).rejects.toMatchObject({ code: 'InvalidHubRequest', hubCode: 400004 })
  })

  it('makes and deletes devices', async () => {
    const client = connect('iothubowner')
    await client.createDevice('new-1', { status: 'disabled' })
    await expect(client.createDevice('new-1')).rejects.toMatchObject({ code: 'AlreadyExists', retryable: false })
    await client.deleteDevice('new-1')
    await expect(client.deleteDevice('new-1')).rejects.toMatchObject({ code: 'DeviceNotFound' })
  })
})
