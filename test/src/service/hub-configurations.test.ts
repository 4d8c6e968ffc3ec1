import { type LocalHub, ManualClock, startLocalHub } from '@iothub-dm/local-hub'
import { configuration, defineContract, type JsonObject } from '@iothub-dm/protocol'
import { FleetClient, type FleetClientOptions, where } from '@iothub-dm/service'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { AzureDevice, report } from '../local-hub/azure-clients.ts'

const chiller = defineContract({
  configurations: {
    water: configuration(v.object({ temperature: v.pipe(v.number(), v.maxValue(90)), pressure: v.number() })),
    light: configuration(v.object({ on: v.boolean() })),
  },
})
const periodInMs = 5 * 60 * 1000

interface Bench extends AsyncDisposable {
  readonly hub: LocalHub
  readonly clock: ManualClock
  readonly fleet: FleetClient<typeof chiller>
  desired(deviceId: string): Promise<JsonObject>
}

/** A hub whose time stands still, with three devices at two sites. */
async function openBench(): Promise<Bench> {
  const clock = new ManualClock()
  const hub = await startLocalHub({ clock })
  const options: FleetClientOptions = { endpoint: hub.httpsEndpoint, ca: hub.caCertificate }
  const fleet = FleetClient.fromConnectionString(hub.connectionString('iothubowner'), chiller, options)
  for (const [deviceId, site] of [
    ['c-1', 'oslo'],
    ['c-2', 'oslo'],
    ['c-3', 'bergen'],
  ] as const) {
    await hub.createDevice(deviceId)
    await fleet.getDeviceClient(deviceId).twin.patch({ tags: { site } })
  }
  return {
    hub,
    clock,
    fleet,
    async desired(deviceId) {
      const {
        $version: _version,
        $metadata: _metadata,
        ...desired
      } = (await fleet.getDeviceClient(deviceId).twin.get()).desired
      return desired
    },
    async [Symbol.asyncDispose]() {
      await fleet.close()
      await hub.close()
    },
  }
}

async function devicesOf(devices: AsyncIterable<string>): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for await (const deviceId of devices) found.add(deviceId)
  return found
}

describe('B24: a hub configuration', () => {
  it('is made from the contract, and reaches the devices of its condition', async () => {
    await using bench = await openBench()
    const { hubConfigurations } = bench.fleet
    const created = await hubConfigurations.create(
      'water-1',
      { water: { temperature: 66, pressure: 28 } },
      {
        condition: where(t => t.tags('site').eq('oslo')),
        priority: 10,
        labels: { team: 'north' },
        metrics: { hot: where(t => t.reported('water', 'temperature').gt(60)) },
      },
    )
    expect(created).toMatchObject({
      id: 'water-1',
      targetCondition: "tags.site = 'oslo'",
      priority: 10,
      labels: { team: 'north' },
      deviceContent: { 'properties.desired.water': { temperature: 66, pressure: 28 } },
    })
    bench.clock.advance(periodInMs)
    expect(await bench.desired('c-1')).toEqual({ water: { temperature: 66, pressure: 28 } })
    expect(await bench.desired('c-3')).toEqual({})
    await expect(hubConfigurations.get('water-1')).resolves.toMatchObject({
      targeted: 2,
      applied: 2,
      metrics: { hot: { devices: 0 } },
    })
    expect(await devicesOf(hubConfigurations.devicesOf('water-1', 'appliedCount'))).toEqual(new Set(['c-1', 'c-2']))
    expect((await hubConfigurations.list()).map(({ id }) => id)).toEqual(['water-1'])
  })

  it('is not written when the hub does not take a query, or a value breaks its schema', async () => {
    await using bench = await openBench()
    const { hubConfigurations } = bench.fleet
    const content = { light: { on: true } }
    const connected = { condition: where(t => t.connectionState.eq('Connected')) }
    await expect(hubConfigurations.create('light-1', content, connected)).rejects.toMatchObject({
      code: 'InvalidHubConfiguration',
      targetConditionError: expect.stringMatching(/\S/),
    })
    await expect(
      hubConfigurations.create('light-1', { water: { temperature: 91, pressure: 1 } }),
    ).rejects.toMatchObject({ code: 'InvalidRequest', issues: [{ path: ['temperature'] }] })
    await expect(hubConfigurations.create('Light', content)).rejects.toThrow('id: expected')
    await expect(hubConfigurations.create('light-1', {})).rejects.toThrow('at least one configuration')
    await expect(hubConfigurations.create('light-1', content, { priority: -1 })).rejects.toThrow('priority')
    expect(await hubConfigurations.list()).toEqual([])
  })

  it('is made once, and changed only as it was seen', async () => {
    await using bench = await openBench()
    const { hubConfigurations } = bench.fleet
    await hubConfigurations.create('light-1', { light: { on: true } })
    await expect(hubConfigurations.create('light-1', { light: { on: false } })).rejects.toMatchObject({
      code: 'AlreadyExists',
    })
    const changed = await hubConfigurations.update('light-1', { priority: 7 })
    expect(changed).toMatchObject({
      priority: 7,
      targetCondition: '*',
      deviceContent: { 'properties.desired.light': { on: true } },
    })
    await hubConfigurations.remove('light-1')
    await expect(hubConfigurations.get('light-1')).rejects.toMatchObject({ code: 'ConfigurationNotFound' })
    await expect(devicesOf(hubConfigurations.devicesOf('light-1', 'x'))).rejects.toMatchObject({
      code: 'ConfigurationNotFound',
    })
  })
})

describe('B25: a firmware campaign', () => {
  const firmware = {
    fwVersion: '2.8.5',
    fwPackageURI: 'https://secureuri/package.bin',
    fwPackageCheckValue: '123456abcde',
  }

  it('has the five metrics of the tutorial, under its names', async () => {
    await using bench = await openBench()
    await using device = await AzureDevice.create(bench.hub, bench.hub.deviceConnectionString('c-1', { gateway: true }))
    await device.client.open()
    const condition = where<typeof chiller>(t => t.tags('site').eq('oslo'))
    await bench.fleet.hubConfigurations.createFirmwareCampaign('firmware285', firmware, { condition, priority: 20 })
    const twin = await device.client.getTwin()
    await report(twin, { firmware: { fwUpdateStatus: 'verifying' } })
    bench.clock.advance(periodInMs)
    const { metrics } = await bench.fleet.hubConfigurations.get('firmware285')
    expect(Object.entries(metrics).map(([name, { devices }]) => [name, devices])).toEqual([
      ['current', 0],
      ['applying', 1],
      ['rebooting', 0],
      ['error', 0],
      ['rolledback', 0],
    ])
    expect(await devicesOf(bench.fleet.hubConfigurations.devicesOf('firmware285', 'applying'))).toEqual(
      new Set(['c-1']),
    )
    expect(await bench.desired('c-2')).toEqual({ firmware })
  })

  it('is taken back by removing it: the one with the lower priority takes over', async () => {
    await using bench = await openBench()
    const { hubConfigurations } = bench.fleet
    const before = { ...firmware, fwVersion: '2.8.4' }
    await hubConfigurations.createFirmwareCampaign('firmware284', before, { priority: 10 })
    await hubConfigurations.createFirmwareCampaign('firmware285', firmware, { priority: 20 })
    bench.clock.advance(periodInMs)
    expect(await bench.desired('c-1')).toEqual({ firmware })
    await hubConfigurations.remove('firmware285')
    bench.clock.advance(periodInMs)
    expect(await bench.desired('c-1')).toEqual({ firmware: before })
  })

  it('of an insecure address, or without a check value, is not begun', async () => {
    await using bench = await openBench()
    const begin = (change: object) =>
      bench.fleet.hubConfigurations.createFirmwareCampaign('fw', { ...firmware, ...change })
    await expect(begin({ fwPackageURI: 'http://secureuri/package.bin' })).rejects.toThrow('of https')
    await expect(begin({ fwPackageCheckValue: '' })).rejects.toThrow('firmware.fwPackageCheckValue')
  })
})
