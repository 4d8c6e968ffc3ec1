import { ManualClock, startLocalHub } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { AzureDevice, serviceClientOf } from './azure-clients.ts'

describe('the official clients and a direct method', () => {
  it.each([
    ['an object', { a: [1, { b: null }] }],
    ['null', null],
    ['a number', 5],
    ['text', 'grüße 🔑'],
    ['false', false],
  ])('carry %s there and back', async (_name, payload) => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.open(hub, 'd1')
    await device.onMethod('echo', echoed => ({ echoed }))
    const { result } = await serviceClientOf(hub, 'service').invokeDeviceMethod('d1', { methodName: 'echo', payload })
    expect(result).toEqual({ status: 200, payload: { echoed: payload } })
  })

  it('wait for a device that is about to connect', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.create(hub, await hub.createDevice('d1'))
    const invoked = hub.waitFor('methodInvoked')
    const call = { methodName: 'echo', payload: 1, connectTimeoutInSeconds: 10, responseTimeoutInSeconds: 10 }
    const answer = serviceClientOf(hub).invokeDeviceMethod('d1', call)
    await invoked
    await device.client.open()
    await device.onMethod('echo', payload => payload)
    expect((await answer).result).toEqual({ status: 200, payload: 1 })
  })

  it('learn that a device is away, unknown, or does not answer in time', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ clock })
    await hub.createDevice('away')
    const service = serviceClientOf(hub)
    await expect(service.invokeDeviceMethod('away', { methodName: 'x' })).rejects.toMatchObject({
      message: 'Not found',
      responseBody: expect.stringContaining('404103'),
    })
    await expect(service.invokeDeviceMethod('nobody', { methodName: 'x' })).rejects.toMatchObject({
      name: 'DeviceNotFoundError',
    })
    await using device = await AzureDevice.open(hub, 'silent')
    await device.onMethod('other', () => null)
    const invoked = hub.waitFor('methodInvoked')
    const unanswered = service.invokeDeviceMethod('silent', { methodName: 'x', responseTimeoutInSeconds: 5 })
    await invoked
    clock.advance(5000)
    await expect(unanswered).rejects.toMatchObject({
      name: 'GatewayTimeoutError',
      responseBody: expect.stringContaining('504101'),
    })
  })

  it('learn that the connection broke on the way', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.open(hub, 'd1')
    await device.onMethod('cut', () => {
      hub.disconnect('d1', 'rst')
      return null
    })
    await expect(serviceClientOf(hub).invokeDeviceMethod('d1', { methodName: 'cut' })).rejects.toMatchObject({
      responseBody: expect.stringContaining('404104'),
    })
  })
})
