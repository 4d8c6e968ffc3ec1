import { type LocalHub, ManualClock, startLocalHub } from '@iothub-dm/local-hub'
import azureDevice from 'azure-iot-device'
import { describe, expect, it } from 'vitest'
import { AzureDevice, desiredAt, registryOf, report, serviceClientOf } from './azure-clients.ts'

const retryAlways = { shouldRetry: () => true, nextRetryTimeout: () => 10 }
const retryNever = { shouldRetry: () => false, nextRetryTimeout: () => -1 }

describe('the official device client', () => {
  it.each([
    [
      'with a forged key',
      (text: string) => text.replace(/SharedAccessKey=[^;]*/, 'SharedAccessKey=Zm9yZ2Vk'),
      'wrongSignature',
    ],
    ['as an unknown device', (text: string) => text.replace('DeviceId=d1', 'DeviceId=d2'), 'unknownDevice'],
    [
      'as a guest of another hub',
      (text: string) => text.replace(/HostName=[^;]*/, 'HostName=other.example'),
      'wrongHost',
    ],
  ])('is refused %s', async (_name, change, reason) => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.create(hub, change(await hub.createDevice('d1')))
    const refused = hub.waitFor('accessRefused')
    await expect(device.client.open()).rejects.toMatchObject({ name: 'UnauthorizedError' })
    expect(await refused).toMatchObject({ reason })
  })

  it('is refused when the device is disabled', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.create(hub, await hub.createDevice('d1', { status: 'disabled' }))
    await expect(device.client.open()).rejects.toMatchObject({ name: 'UnauthorizedError' })
  })

  it('announces its model', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.create(hub, await hub.createDevice('d1'))
    await device.client.setOptions({ ca: hub.caCertificate, modelId: 'dtmi:contoso:Camera;1' })
    await device.client.open()
    expect((await registryOf(hub).getTwin('d1')).responseBody).toMatchObject({ modelId: 'dtmi:contoso:Camera;1' })
  })

  it.each(['fin', 'rst'] as const)(
    'returns after a %s, and everything goes on by the session the hub kept',
    async manner => {
      await using hub = await startLocalHub()
      await using device = await AzureDevice.open(hub, 'd1')
      // By default the client takes a reset for the end.
      device.client.setRetryPolicy(retryAlways)
      await device.onMethod('echo', payload => payload)
      const twin = await device.client.getTwin()
      await device.onDesired(twin, () => {})

      await reconnected(hub, () => hub.disconnect('d1', manner))

      await report(twin, { back: true })
      const told = desiredAt(twin, 2)
      await registryOf(hub).updateTwin('d1', { properties: { desired: { a: 1 } } }, '*')
      expect(await told).toEqual({ a: 1, $version: 2 })
      const { result } = await serviceClientOf(hub).invokeDeviceMethod('d1', {
        methodName: 'echo',
        payload: 'still here',
      })
      expect(result.payload).toBe('still here')
    },
  )

  it('restores only a part of what it was subscribed to when the hub lost the session', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.open(hub, 'd1')
    await device.onMethod('x', () => null)
    await device.onDesired(await device.client.getTwin(), () => {})
    const restored: string[] = []
    hub.subscribe(event => event.type === 'deviceSubscribed' && restored.push(event.subscription))
    hub.loseSession('d1')
    const restoring = hub.waitFor('deviceSubscribed')
    await reconnected(hub, () => hub.disconnect('d1'))
    await restoring
    await device.client.sendEvent(new azureDevice.Message('after all subscriptions'))
    expect(restored).toEqual(['methods'])
  })

  it('is cut off when its token ends', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ clock })
    await using device = await AzureDevice.create(hub, await hub.createDevice('d1'))
    const tokenRenewal = { tokenValidTimeInSeconds: 120, tokenRenewalMarginInSeconds: 10 }
    await device.client.setOptions({ ca: hub.caCertificate, tokenRenewal })
    await device.client.open()
    await device.onMethod('x', () => null)
    const gone = hub.waitFor('deviceDisconnected')
    const refused = hub.waitFor('accessRefused')
    clock.advance(121_000)
    expect(await gone).toMatchObject({ reason: 'tokenExpired' })
    // It returns with a token that is good by real time, which is the past of this hub.
    expect(await refused).toMatchObject({ client: 'd1', reason: 'tokenExpired' })
  })

  it('renews its token by a new connection, and goes on', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.create(hub, await hub.createDevice('d1'))
    const tokenRenewal = { tokenValidTimeInSeconds: 2, tokenRenewalMarginInSeconds: 1 }
    await device.client.setOptions({ ca: hub.caCertificate, tokenRenewal })
    await device.client.open()
    await device.onMethod('echo', payload => payload)
    await hub.waitFor('deviceConnected')
    const { result } = await serviceClientOf(hub).invokeDeviceMethod('d1', { methodName: 'echo', payload: 1 })
    expect(result.payload).toBe(1)
  })

  it('is displaced by a second one with its identity', async () => {
    await using hub = await startLocalHub()
    await using first = await AzureDevice.open(hub, 'd1')
    first.client.setRetryPolicy(retryNever)
    const disconnected = new Promise(resolve => first.client.on('disconnect', resolve))
    const replaced = hub.waitFor('deviceDisconnected')
    await using second = await AzureDevice.create(hub, hub.deviceConnectionString('d1'))
    await second.client.open()
    expect(await replaced).toMatchObject({ reason: 'replaced' })
    await disconnected
    expect((await second.client.getTwin()).properties.desired.$version).toBe(1)
  })

  it.each([
    ['disabled', (hub: LocalHub) => registryOf(hub).update({ deviceId: 'd1', status: 'disabled' }), 'identityDisabled'],
    ['deleted', (hub: LocalHub) => registryOf(hub).delete('d1'), 'identityDeleted'],
  ])('is thrown out when its identity is %s', async (_name, act, reason) => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.open(hub, 'd1')
    await device.onMethod('x', () => null)
    const gone = hub.waitFor('deviceDisconnected')
    const refused = hub.waitFor('accessRefused')
    await act(hub)
    expect(await gone).toMatchObject({ reason })
    expect(await refused).toMatchObject({ client: 'd1' })
  })

  it('sends telemetry with properties', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.open(hub, 'd1')
    const received = hub.waitFor('telemetryReceived')
    const message = new azureDevice.Message('{"t":21}')
    message.properties.add('a b', 'c/d')
    await device.client.sendEvent(message)
    const { payload, properties } = await received
    expect([Buffer.from(payload).toString(), properties]).toEqual(['{"t":21}', { 'a b': 'c/d' }])
  })
})

async function reconnected(hub: LocalHub, act: () => void): Promise<void> {
  const back = hub.waitFor('deviceConnected')
  act()
  await back
}
