import { type LocalHub, type PolicyName, startLocalHub } from '@iothub-dm/local-hub'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IotHub, MethodRequest } from '../../hub/iot-hub.ts'
import { createAzureIotHub } from './azure-iot-hub.ts'

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
    const client = createAzureIotHub(connectionString, { endpoint: hub.httpsEndpoint, ca: hub.caCertificate })
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
})
