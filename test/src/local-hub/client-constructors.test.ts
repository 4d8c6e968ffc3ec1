import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import azureDevice, { type Client, type ModuleClient } from 'azure-iot-device'
import { Mqtt } from 'azure-iot-device-mqtt'
import azureService, { type JobClient, type Registry, type Client as ServiceClient } from 'azure-iothub'
import { describe, expect, it } from 'vitest'
import { inOneHour, parseConnectionString, signSas } from '../../../packages/local-hub/test/sas.ts'

/** A signature that a device or module was given by somebody who has its key, good at the endpoint of the hub. */
function signatureFor(hub: LocalHub, connectionString: string, expiresInSeconds: number = 3600): string {
  const { host, port } = hub.mqttEndpoint
  const { DeviceId = '', ModuleId, SharedAccessKey: key = '' } = parseConnectionString(connectionString)
  const path = ModuleId === undefined ? DeviceId : `${DeviceId}/modules/${ModuleId}`
  const se = inOneHour() - 3600 + expiresInSeconds
  return signSas({ sr: encodeURIComponent(`${host}:${port}/devices/${path}`), se, key })
}

async function sendsTelemetry(hub: LocalHub, client: Client | ModuleClient): Promise<void> {
  await client.setOptions({ ca: hub.caCertificate })
  await client.open()
  const received = hub.waitFor('telemetryReceived')
  await client.sendEvent(new azureDevice.Message('x'))
  expect(await received).toMatchObject({ deviceId: 'd1' })
}

describe('the official device and module clients', () => {
  it.each(['device', 'module'] as const)('are made from a signature, as a %s, and take a new one', async kind => {
    await using hub = await startLocalHub()
    const device = await hub.createDevice('d1')
    const connectionString = kind === 'device' ? device : await hub.createModule('d1', 'm1')
    const { Client, ModuleClient } = azureDevice
    const signature = signatureFor(hub, connectionString)
    const client =
      kind === 'device'
        ? Client.fromSharedAccessSignature(signature, Mqtt)
        : ModuleClient.fromSharedAccessSignature(signature, Mqtt)
    await sendsTelemetry(hub, client)
    const back = hub.waitFor('deviceConnected')
    await new Promise<void>((resolve, reject) => {
      const renewed = signatureFor(hub, connectionString, 1800)
      client.updateSharedAccessSignature(renewed, error => (error ? reject(error) : resolve()))
    })
    await back
    await client.sendEvent(new azureDevice.Message('y'))
    await client.close()
  })

  it.each(['device', 'module'] as const)('are made from a provider of credentials, as a %s', async kind => {
    await using hub = await startLocalHub()
    const device = await hub.createDevice('d1')
    const connectionString = kind === 'device' ? device : await hub.createModule('d1', 'm1')
    const { Client, ModuleClient, SharedAccessKeyAuthenticationProvider } = azureDevice
    const provider = SharedAccessKeyAuthenticationProvider.fromConnectionString(connectionString)
    const client =
      kind === 'device'
        ? Client.fromAuthenticationProvider(provider, Mqtt)
        : ModuleClient.fromAuthenticationProvider(provider, Mqtt)
    await client.setTransportOptions({ ca: hub.caCertificate })
    await sendsTelemetry(hub, client)
    await client.close()
  })
})

async function expectServed(hub: LocalHub, client: ServiceClient, jobs: JobClient): Promise<void> {
  await hub.createDevice('d1')
  client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => -1 })
  await expect(hub.route(client).invokeDeviceMethod('d1', { methodName: 'x' })).rejects.toMatchObject({
    responseBody: expect.stringContaining('404103'),
  })
  expect((await hub.route(jobs).getJob('j1')).jobStatus).toMatchObject({ status: 'unknown' })
}

describe('the official service clients', () => {
  const credential = { getToken: async () => ({ token: 'x.y.z', expiresOnTimestamp: Date.now() + 3_600_000 }) }

  it('are made from a signature', async () => {
    await using hub = await startLocalHub()
    const { SharedAccessKey: key = '' } = parseConnectionString(hub.connectionString('service'))
    const signature = signSas({ sr: hub.hostName, se: inOneHour(), key, skn: 'service' })
    const { Client, JobClient } = azureService
    await expectServed(hub, Client.fromSharedAccessSignature(signature), JobClient.fromSharedAccessSignature(signature))
  })

  it('are made from a credential of Microsoft Entra', async () => {
    await using hub = await startLocalHub({ acceptBearerTokens: true })
    const { Client, JobClient } = azureService
    const { hostName } = hub
    await expectServed(
      hub,
      Client.fromTokenCredential(hostName, credential),
      JobClient.fromTokenCredential(hostName, credential),
    )
    const digitalTwins = new azureService.DigitalTwinClient(
      new azureService.IoTHubTokenCredentials(hub.connectionString('service')),
    )
    expect(await hub.route(digitalTwins).getDigitalTwin('d1')).toMatchObject({ $dtId: 'd1' })
  })

  it('print a twin as JSON', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const registry: Registry = hub.route(azureService.Registry.fromConnectionString(hub.connectionString()))
    const { responseBody: twin } = await registry.getTwin('d1')
    expect(JSON.parse(JSON.stringify(twin))).toMatchObject({ deviceId: 'd1', tags: {}, properties: { desired: {} } })
  })
})
