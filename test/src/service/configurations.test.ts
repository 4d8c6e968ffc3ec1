import { FleetClient } from '@iothub-dm/service'
import { describe, expect, it } from 'vitest'
import { ConfigurationBench } from '../configuration/configuration-bench.ts'
import { device } from '../configuration/contract.ts'

function fleetOf({ hub }: ConfigurationBench): FleetClient<typeof device> {
  const options = { endpoint: hub.httpsEndpoint, ca: hub.caCertificate, pollIntervalInMs: 20 }
  return FleetClient.fromConnectionString(hub.connectionString('service'), device, options)
}

describe('a configuration', () => {
  it('is set when the device has applied it', async () => {
    await using bench = await ConfigurationBench.open()
    await bench.connect()
    await using fleet = fleetOf(bench)
    const { telemetry } = fleet.getDeviceClient('cam-1').configurations
    await expect(telemetry.get()).resolves.toEqual({ state: 'unset' })
    await expect(telemetry.set({ fps: 5 })).resolves.toMatchObject({ state: 'applied', value: { fps: 5 } })
    await expect(telemetry.get()).resolves.toMatchObject({ state: 'applied', desired: { fps: 5 } })
    expect(bench.applied.map(({ desired }) => desired)).toEqual([{ fps: 5 }])
  })

  it('that is in use already is not written again', async () => {
    await using bench = await ConfigurationBench.open()
    await bench.connect()
    await using fleet = fleetOf(bench)
    const { configurations, twin } = fleet.getDeviceClient('cam-1')
    await configurations.zones.set([1, 2])
    const { etag } = await twin.get()
    await configurations.zones.set([1, 2])
    await expect(twin.get()).resolves.toMatchObject({ etag })
    await configurations.zones.set([3])
    expect(bench.applied.map(({ desired }) => desired)).toEqual([[1, 2], [3]])
  })

  it('that the device fails to apply is told with what is in use instead', async () => {
    await using bench = await ConfigurationBench.open()
    await bench.connect({
      telemetry: desired => {
        if (desired !== undefined && desired.fps > 10) throw new Error('too fast')
      },
    })
    await using fleet = fleetOf(bench)
    const { telemetry } = fleet.getDeviceClient('cam-1').configurations
    await telemetry.set({ fps: 5 })
    await expect(telemetry.set({ fps: 20 })).rejects.toMatchObject({
      code: 'ConfigurationFailed',
      deviceId: 'cam-1',
      configuration: 'telemetry',
      acknowledgementCode: 500,
      value: { fps: 5 },
    })
    // Still desired, still failed: nothing is written, and the device is not waited for.
    await expect(telemetry.set({ fps: 20 })).rejects.toMatchObject({ code: 'ConfigurationFailed' })
    await expect(telemetry.set({ fps: 6 })).resolves.toMatchObject({ state: 'applied' })
  })

  it('waits in the twin for a device that is away', async () => {
    await using bench = await ConfigurationBench.open()
    await using fleet = fleetOf(bench)
    const { telemetry } = fleet.getDeviceClient('cam-1').configurations
    await expect(telemetry.set({ fps: 5 }, { timeoutInMs: 30 })).rejects.toMatchObject({
      code: 'ConfigurationNotAcknowledged',
      retryable: true,
    })
    await expect(telemetry.set({ fps: 5 }, { timeoutInMs: 0 })).resolves.toEqual({
      state: 'pending',
      desired: { fps: 5 },
    })
    const applied = telemetry.set({ fps: 5 })
    await bench.connect()
    await expect(applied).resolves.toMatchObject({ state: 'applied' })
  })

  it('is checked before anything is written, and can be taken away', async () => {
    await using bench = await ConfigurationBench.open()
    await using fleet = fleetOf(bench)
    const { configurations, twin } = fleet.getDeviceClient('cam-1')
    const { etag } = await twin.get()
    await expect(configurations.telemetry.set({ fps: 61 })).rejects.toMatchObject({ code: 'InvalidRequest' })
    await expect(twin.get()).resolves.toMatchObject({ etag })
    await configurations.telemetry.set({ fps: 6 }, { timeoutInMs: 0 })
    await configurations.telemetry.clear()
    await expect(configurations.telemetry.get()).resolves.toEqual({ state: 'unset' })
  })
})

describe('B21: a twin', () => {
  it('is changed by many at once, and no change is lost', async () => {
    await using bench = await ConfigurationBench.open()
    await using fleet = fleetOf(bench)
    const { twin } = fleet.getDeviceClient('cam-1')
    const increments = Array.from({ length: 8 }, () =>
      twin.update(({ tags }) => ({ tags: { visits: Number(tags.visits ?? 0) + 1 } }), { maxTries: 50 }),
    )
    await Promise.all(increments)
    await expect(twin.get()).resolves.toMatchObject({ tags: { visits: 8 } })
    const before = await twin.get()
    await expect(twin.update(() => undefined)).resolves.toMatchObject({ etag: before.etag })
  })

  it('that somebody has changed is not overwritten unseen', async () => {
    await using bench = await ConfigurationBench.open()
    await using fleet = fleetOf(bench)
    const { twin } = fleet.getDeviceClient('cam-1')
    const { etag } = await twin.get()
    await twin.patch({ tags: { site: 'oslo' } })
    await expect(twin.replace({ tags: {} }, { etag })).rejects.toMatchObject({ code: 'PreconditionFailed' })
    await expect(twin.update(() => ({ tags: { site: 'bergen' } }), { maxTries: 0 })).rejects.toThrow(
      'maxTries: expected an integer from 1, got 0',
    )
  })
})
