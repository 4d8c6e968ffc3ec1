import { startLocalHub } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { Device, nextDesired, registryOf, report, serviceClientOf } from './azure-clients.ts'

describe('the official clients against the local hub', () => {
  it('create a device, connect it, invoke a method, and carry properties both ways', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub)
    const { responseBody: created } = await registry.create({ deviceId: 'cam-1' })
    expect(created.authentication?.symmetricKey?.primaryKey).toHaveLength(44)

    await using device = await Device.create(hub, hub.deviceConnectionString('cam-1'))
    await device.client.open()
    await device.onMethod(hub, 'echo', payload => ({ echoed: payload }))
    const { result } = await serviceClientOf(hub).invokeDeviceMethod('cam-1', { methodName: 'echo', payload: { a: 1 } })
    expect(result).toEqual({ status: 200, payload: { echoed: { a: 1 } } })

    const twin = await device.client.getTwin()
    const first = nextDesired(twin)
    await first
    const second = nextDesired(twin)
    await registry.updateTwin('cam-1', { tags: { site: 'oslo' }, properties: { desired: { interval: 5 } } }, '*')
    expect(await second).toMatchObject({ interval: 5, $version: 2 })
    await report(twin, { interval: 5 })
    const { responseBody: document } = await registry.getTwin('cam-1')
    expect(document).toMatchObject({
      connectionState: 'Connected',
      version: 4,
      tags: { site: 'oslo' },
      properties: { desired: { interval: 5, $version: 2 }, reported: { interval: 5, $version: 2 } },
    })
  })
})
