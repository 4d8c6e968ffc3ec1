import { startLocalHub } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { AzureDevice, registryOf, report, serviceClientOf } from './azure-clients.ts'

const echo = { methodName: 'echo', payload: 1, connectTimeoutInSeconds: 10, responseTimeoutInSeconds: 20 }

describe('the official clients', () => {
  it('come back after a restart of the hub, and answer methods as before', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.open(hub, 'cam-1')
    await device.onMethod('echo', payload => payload)
    const back = hub.waitFor('deviceConnected')
    await hub.restart()
    await back
    const { result } = await serviceClientOf(hub).invokeDeviceMethod('cam-1', echo)
    expect(result).toEqual({ status: 200, payload: 1 })
  })

  it.each([
    [429, 'ThrottlingError'],
    [500, 'InternalServerError'],
    [503, 'ServiceUnavailableError'],
    [504, 'GatewayTimeoutError'],
  ] as const)('make %d a %s', async (status, name) => {
    await using hub = await startLocalHub()
    await hub.createDevice('cam-1')
    hub.faults.answer(status, { operation: 'twinRead' })
    const registry = registryOf(hub)
    await expect(registry.getTwin('cam-1')).rejects.toMatchObject({ name })
    expect((await registry.getTwin('cam-1')).responseBody.deviceId).toBe('cam-1')
  })

  it('are told that the messages of the day are used up', async () => {
    await using hub = await startLocalHub({ tier: { name: 'F1' } })
    await using device = await AzureDevice.open(hub, 'cam-1')
    const twin = await device.client.getTwin()
    const patch = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`p${index}`, 'x'.repeat(4000)]))
    const reportUntilRefused = async (): Promise<void> => {
      for (;;) await report(twin, patch)
    }
    await expect(reportUntilRefused()).rejects.toThrow(/exceeded the allocated quota/)
    await expect(registryOf(hub).getTwin('cam-1')).rejects.toMatchObject({ name: 'TooManyDevicesError' })
    expect(hub.meter.read().totalBilledMessages).toBeGreaterThanOrEqual(8000)
  })

  it('see desired properties that come twice', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.open(hub, 'cam-1')
    const twin = await device.client.getTwin()
    const versions: number[] = []
    await device.onDesired(twin, patch => versions.push(JSON.parse(JSON.stringify(patch)).$version))
    // The client begins with what it knows already.
    await expect.poll(() => versions).toEqual([1])
    hub.faults.duplicateDesired({ deviceId: 'cam-1' })
    const registry = registryOf(hub)
    await registry.updateTwin('cam-1', { properties: { desired: { a: 1 } } }, '*')
    await registry.updateTwin('cam-1', { properties: { desired: { a: 2 } } }, '*')
    await expect.poll(() => versions).toEqual([1, 2, 2, 3])
  })
})
