import { startLocalHub } from '@iothub-dm/local-hub'
import { defineContract, method, reboot } from '@iothub-dm/protocol'
import { FleetClient, where } from '@iothub-dm/service'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { AzureDevice } from '../local-hub/azure-clients.ts'
import { createModuleClient } from '../local-hub/device-clients.ts'

const recorder = defineContract({
  methods: { store: method({ request: v.object({ minutes: v.number() }), response: v.string() }) },
  actions: { reboot },
})

async function openBench() {
  const hub = await startLocalHub()
  const fleet = FleetClient.fromConnectionString(hub.connectionString('iothubowner'), recorder, {
    endpoint: hub.httpsEndpoint,
    ca: hub.caCertificate,
  })
  return {
    hub,
    fleet,
    async [Symbol.asyncDispose]() {
      await fleet.close()
      await hub.close()
    },
  }
}

describe('B20: a module', () => {
  it('is called and written to as a device is', async () => {
    await using bench = await openBench()
    await bench.hub.createDevice('cam-1')
    const official = await createModuleClient(bench.hub, 'cam-1', 'recorder', 'Mqtt')
    await official.open()
    const listening = bench.hub.waitFor('deviceSubscribed', event => event.subscription === 'methods')
    official.onMethod('store', (request, response) => {
      void response?.send(200, `stored ${JSON.stringify(request?.payload)}`)
    })
    await listening
    const module = bench.fleet.getModuleClient('cam-1', 'recorder')
    expect(module).toMatchObject({ deviceId: 'cam-1', moduleId: 'recorder' })
    await expect(module.methods.store.invoke({ minutes: 5 })).resolves.toBe('stored {"minutes":5}')
    await module.twin.patch({ tags: { disk: 'a' } })
    await expect(module.twin.get()).resolves.toMatchObject({
      deviceId: 'cam-1',
      moduleId: 'recorder',
      tags: { disk: 'a' },
    })
    await expect(bench.fleet.getDeviceClient('cam-1').twin.get()).resolves.toMatchObject({ tags: {} })
    await official.close()
  })

  it('that is not there, or has an id of another kind, is told', async () => {
    await using bench = await openBench()
    await bench.hub.createDevice('cam-1')
    const missing = bench.fleet.getModuleClient('cam-1', 'nobody')
    await expect(missing.methods.store.invoke({ minutes: 5 })).rejects.toMatchObject({ code: 'ModuleNotFound' })
    await expect(missing.twin.get()).rejects.toThrow("module 'nobody' of device 'cam-1'")
    expect(() => bench.fleet.getModuleClient('cam-1', 'a/b')).toThrow('moduleId: expected')
    expect(() => bench.fleet.getDeviceClient('cam-1/a')).toThrow('deviceId: expected')
  })
})

describe('B27: devices', () => {
  it('are made with tags to be found by, barred from connecting, let in again, and deleted', async () => {
    await using bench = await openBench()
    const { devices } = bench.fleet
    await devices.create('cam-1', { tags: { site: 'oslo' } })
    expect(await bench.fleet.count(where(t => t.tags('site').eq('oslo')))).toBe(1)
    await expect(devices.create('cam-1')).rejects.toMatchObject({ code: 'AlreadyExists' })

    const connectionString = bench.hub.deviceConnectionString('cam-1', { gateway: true })
    await devices.disable('cam-1')
    expect(await bench.fleet.count(where(t => t.status.eq('disabled')))).toBe(1)
    {
      await using device = await AzureDevice.create(bench.hub, connectionString)
      await expect(device.client.open()).rejects.toThrow()
    }
    await devices.enable('cam-1')
    // Its keys are the ones from before.
    await using device = await AzureDevice.create(bench.hub, connectionString)
    await device.client.open()

    await devices.delete('cam-1')
    expect(await bench.fleet.count()).toBe(0)
  })
})
