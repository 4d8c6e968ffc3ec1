import { startLocalHub } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { backEndOf } from '../../test/back-end.ts'
import { RecordingListener } from '../../test/recording-listener.ts'
import { createAzureConnection } from './azure-connection.ts'

const connectionString = 'HostName=contoso.azure-devices.net;DeviceId=camera-1;SharedAccessKey=c2VjcmV0'

describe('what it is given', () => {
  it.each([
    ['', 'lacks HostName and DeviceId'],
    ['HostName=contoso.azure-devices.net;DeviceId=camera-1', 'lacks SharedAccessKey'],
    ['HostName=contoso.azure-devices.net;DeviceId=;SharedAccessKey=c2VjcmV0', 'has an empty DeviceId'],
    ['HostName=con toso;DeviceId=camera-1;SharedAccessKey=c2VjcmV0', 'a HostName that is no host name'],
    ['HostName=a;DeviceId=b;GatewayHostName=c d;SharedAccessKey=c2VjcmV0', 'a GatewayHostName that is no host name'],
    ['HostName=a;DeviceId=b;ModuleId=;SharedAccessKey=c2VjcmV0', 'has an empty ModuleId'],
    ['HostName=a;DeviceId=b;SharedAccessSignature=c2VjcmV0', 'a SharedAccessSignature that is no token'],
  ])('refuses the connection string %o without quoting it', (given, message) => {
    const create = () => createAzureConnection(given, new RecordingListener())
    expect(create).toThrow(expect.objectContaining({ code: 'InvalidConnectionString' }))
    expect(create).toThrow(message)
    expect(create).not.toThrow('c2VjcmV0')
  })

  it.each([
    [{ ca: 'no certificate' }, TypeError, 'ca must be'],
    [{ endpoint: { host: '', port: 1 } }, TypeError, 'endpoint.host'],
    [{ endpoint: { host: 'localhost', port: 70_000 } }, RangeError, 'endpoint.port must be an integer from 1 to 65535'],
    [{ proxyAgent: JSON.parse('{}') }, TypeError, 'proxyAgent must be an agent with connect()'],
    [{ transport: JSON.parse('"amqp"') }, TypeError, `transport must be 'mqtt' or 'mqtt-websocket', not "amqp"`],
    [{ getSharedAccessSignature: JSON.parse('"x"') }, TypeError, 'getSharedAccessSignature must be a function'],
    [{ getSharedAccessSignature: () => '' }, TypeError, 'getSharedAccessSignature has no place beside'],
    [{ clientCertificate: { cert: 'x', key: 'y' } }, TypeError, 'clientCertificate.cert must be a certificate'],
    [{ keepAliveInSeconds: 0 }, RangeError, 'keepAliveInSeconds'],
    [{ keepAliveInSeconds: 1_178 }, RangeError, 'keepAliveInSeconds'],
    [{ connectTimeoutInMs: Number.NaN }, RangeError, 'connectTimeoutInMs'],
    [{ requestTimeoutInMs: -1 }, RangeError, 'requestTimeoutInMs'],
    [{ tokenRenewal: { validInSeconds: 60, marginInSeconds: 60 } }, RangeError, 'tokenRenewal.marginInSeconds'],
    [{ reconnect: { baseDelayInMs: -1 } }, RangeError, 'reconnect.baseDelayInMs'],
  ])('refuses the options %o by name', (options, kind, message) => {
    const create = () => createAzureConnection(connectionString, new RecordingListener(), options)
    expect(create).toThrow(kind)
    expect(create).toThrow(message)
  })
})

describe('with the local hub', () => {
  it('answers direct methods, reads the twin, reports and hears desired properties', async () => {
    await using hub = await startLocalHub()
    const listener = new RecordingListener(async () => ({ status: 200, payload: ['line'] }))
    const connection = createAzureConnection(await hub.createDevice('camera-1'), listener, { ca: hub.caCertificate })
    await connection.open()
    const backEnd = backEndOf(hub)

    expect(await backEnd.invoke('camera-1', 'getLogs', { lines: 1 })).toEqual({ status: 200, payload: ['line'] })
    expect(listener.calls).toEqual([{ methodName: 'getLogs', payload: '{"lines":1}' }])

    expect(await connection.readTwin()).toEqual({ desired: {}, desiredVersion: 1, reported: {}, reportedVersion: 1 })
    expect(await connection.updateReported({ a: { b: 1 } })).toBe(2)
    expect(await connection.readTwin()).toMatchObject({ reported: { a: { b: 1 } }, reportedVersion: 2 })

    await backEnd.patchDesired('camera-1', { interval: 5 })
    expect(await listener.take('desired')).toMatchObject({ patch: { interval: 5 }, version: 2 })
    await connection.close()
  })

  it('tells why the hub refuses a report', async () => {
    await using hub = await startLocalHub()
    const listener = new RecordingListener()
    const connection = createAzureConnection(await hub.createDevice('camera-1'), listener, { ca: hub.caCertificate })
    await connection.open()
    await expect(connection.updateReported({ $bad: 1 })).rejects.toMatchObject({
      code: 'ReportRefused',
      status: 400,
      hubCode: expect.any(Number),
      retryable: false,
    })
    await connection.close()
  })

  it.each(['fin', 'rst'] as const)(
    'is reachable again after a %s, and after the hub lost its session',
    async manner => {
      await using hub = await startLocalHub()
      const listener = new RecordingListener()
      const connection = createAzureConnection(await hub.createDevice('camera-1'), listener, {
        ca: hub.caCertificate,
        reconnect: { firstDelayInMs: 0, baseDelayInMs: 0 },
      })
      await connection.open()
      await listener.take('session')
      hub.disconnect('camera-1', manner)
      hub.loseSession('camera-1')
      await listener.take('lost')
      await listener.take('session')
      expect(await backEndOf(hub).invoke('camera-1', 'ping', null)).toMatchObject({ status: 200 })
      expect(await connection.updateReported({ back: true })).toBe(2)
      await connection.close()
    },
  )

  it('rejects with Unauthorized when the key is wrong', async () => {
    await using hub = await startLocalHub()
    const rightOne = await hub.createDevice('camera-1')
    const wrongOne = rightOne.replace(
      /SharedAccessKey=[^;]*/,
      `SharedAccessKey=${Buffer.from('wrong').toString('base64')}`,
    )
    const connection = createAzureConnection(wrongOne, new RecordingListener(), { ca: hub.caCertificate })
    await expect(connection.open()).rejects.toMatchObject({ code: 'Unauthorized' })
    await connection.close()
  })
})
