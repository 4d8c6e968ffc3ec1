import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import azureDevice, { type ModuleClient } from 'azure-iot-device'
import { describe, expect, it } from 'vitest'
import { desiredAt, registryOf, report, serviceClientOf } from './azure-clients.ts'
import { createModuleClient, routeTo } from './device-clients.ts'

describe.each(['Mqtt', 'MqttWs'] as const)('the official module client over %s', transport => {
  async function withClient(act: (hub: LocalHub, client: ModuleClient) => Promise<void>): Promise<void> {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const client = await createModuleClient(hub, 'd1', 'm1', transport)
    await client.open()
    try {
      await act(hub, client)
    } finally {
      await client.close()
    }
  }

  it('sends telemetry, also by outputs', () =>
    withClient(async (hub, client) => {
      const plain = hub.waitFor('telemetryReceived')
      await client.sendEvent(new azureDevice.Message('plain'))
      expect(await plain).toMatchObject({ deviceId: 'd1', moduleId: 'm1', systemProperties: {} })
      const byOutput = hub.waitFor('telemetryReceived')
      const message = new azureDevice.Message('x')
      message.properties.add('a', 'b')
      await client.sendOutputEvent('out 1', message)
      expect(await byOutput).toMatchObject({ systemProperties: { outputName: 'out 1' }, properties: { a: 'b' } })
    }))

  it('listens to inputs', () =>
    withClient(async (hub, client) => {
      const subscribed = hub.waitFor('deviceSubscribed')
      client.on('inputMessage', () => {})
      expect(await subscribed).toMatchObject({ moduleId: 'm1', subscription: 'moduleInputs' })
    }))

  it('answers methods', () =>
    withClient(async (hub, client) => {
      const listening = hub.waitFor('deviceSubscribed')
      client.onMethod('echo', (request, response) => {
        void response?.send(200, request?.payload)
      })
      await listening
      const { result } = await serviceClientOf(hub).invokeDeviceMethod('d1', 'm1', { methodName: 'echo', payload: 'x' })
      expect(result).toEqual({ status: 200, payload: 'x' })
    }))

  it('reads its twin, reports, and hears of desired properties', () =>
    withClient(async (hub, client) => {
      const twin = await client.getTwin()
      await report(twin, { a: 1 })
      const listening = hub.waitFor('deviceSubscribed', event => event.subscription === 'desiredProperties')
      twin.on('properties.desired', () => {})
      await listening
      const told = desiredAt(twin, 2)
      await registryOf(hub).updateModuleTwin('d1', 'm1', { properties: { desired: { b: 2 } } }, '*')
      expect(await told).toEqual({ b: 2, $version: 2 })
      const { responseBody } = await registryOf(hub).getModuleTwin('d1', 'm1')
      expect(responseBody).toMatchObject({ moduleId: 'm1', properties: { reported: { a: 1 } } })
    }))

  it('does not know how to send batches', () =>
    withClient(async (hub, client) => {
      const batch = [new azureDevice.Message('x')]
      await expect(client.sendEventBatch(batch)).rejects.toMatchObject({ name: 'NotImplementedError' })
      await expect(client.sendOutputEventBatch('o', batch)).rejects.toMatchObject({ name: 'NotImplementedError' })
      expect(hub.hostName).toBe('local-hub.azure-devices.net')
    }))

  it('returns after its connection was cut; what it has subscribed to is kept', () =>
    withClient(async (hub, client) => {
      const twin = await client.getTwin()
      const listening = hub.waitFor('deviceSubscribed', event => event.subscription === 'desiredProperties')
      // A module that listens to nothing does not return.
      twin.on('properties.desired', () => {})
      await listening
      const back = hub.waitFor('deviceConnected')
      hub.disconnect('d1/m1')
      expect(await back).toMatchObject({ moduleId: 'm1' })
      await report(twin, { back: true })
    }))

  it('renews its token by a new connection', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const client = await createModuleClient(hub, 'd1', 'm1', transport)
    const tokenRenewal = { tokenValidTimeInSeconds: 2, tokenRenewalMarginInSeconds: 1 }
    await client.setOptions({ ...routeTo(hub), tokenRenewal })
    await client.open()
    await hub.waitFor('deviceConnected')
    await client.sendEvent(new azureDevice.Message('after'))
    await client.close()
  })

  it('is no longer let in when the module is deleted', () =>
    withClient(async (hub, client) => {
      client.setRetryPolicy({ shouldRetry: () => false, nextRetryTimeout: () => -1 })
      const gone = hub.waitFor('deviceDisconnected')
      await registryOf(hub).removeModule('d1', 'm1')
      expect(await gone).toMatchObject({ moduleId: 'm1', reason: 'identityDeleted' })
    }))
})
