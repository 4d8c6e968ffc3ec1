import { describe, expect, it } from 'vitest'
import { TestBench } from '../support/test-bench.ts'

describe.concurrent('a device that is offline', () => {
  it('is a typed error at once, and nothing happens later', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { comesBack: false })
    await bench.kill(device)
    const { methods, actions } = bench.fleet.getDeviceClient('cam-1')
    const offline = { name: 'HubError', code: 'DeviceOffline', hubCode: 404103, outcomeUnknown: false, retryable: true }
    await expect(methods.getLogs.invoke({ lines: 1 })).rejects.toMatchObject(offline)
    await expect(actions.reboot.begin()).rejects.toMatchObject(offline)
    device.start()
    await device.connected()
    expect(await methods.getLogs.invoke({ lines: 1 })).toHaveLength(1)
    expect(await actions.reboot.latest()).toBeUndefined()
    expect(device.attemptsOf('flush')).toEqual([])
  })

  it('is another error than one that does not exist', async () => {
    await using bench = await TestBench.open()
    const { methods, actions } = bench.fleet.getDeviceClient('cam-2')
    const unknown = { name: 'HubError', code: 'DeviceNotFound', hubCode: 404001 }
    await expect(methods.getLogs.invoke({ lines: 1 })).rejects.toMatchObject(unknown)
    await expect(actions.reboot.begin()).rejects.toMatchObject(unknown)
    await expect(actions.reboot.latest()).rejects.toMatchObject(unknown)
  })

  it('gets the call when it connects while the hub waits for it', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { comesBack: false })
    await bench.kill(device)
    const { methods, actions } = bench.fleet.getDeviceClient('cam-1')
    const invoked = bench.hub.waitFor('methodInvoked')
    const lines = methods.getLogs.invoke({ lines: 1 }, { connectTimeoutInSeconds: 15 })
    await invoked
    device.start()
    expect(await lines).toEqual([`line 1 of ${device.bootId}`])
    await bench.kill(device)

    const begun = bench.hub.waitFor('methodInvoked')
    const calibration = actions.calibrate.begin({ target: 42 }, { connectTimeoutInSeconds: 15 })
    await begun
    device.start()
    expect(await (await calibration).result({ timeoutInMs: 10_000 })).toEqual({ offset: 2 })
  })

  it('does not run what has expired before it connects', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { comesBack: false })
    await bench.kill(device)
    const { calibrate } = bench.fleet.getDeviceClient('cam-1').actions
    const options = { operationId: 'late', expiresAt: new Date(Date.now() + 50), connectTimeoutInSeconds: 15 }
    const invoked = bench.hub.waitFor('methodInvoked')
    const call = calibrate.begin({ target: 42 }, options)
    const refused = expect(call).rejects.toMatchObject({ name: 'RefusedError', code: 'Expired', status: 410 })
    await invoked
    device.start() // takes longer than the 50 ms
    await refused
    expect(device.attemptsOf('warm')).toEqual([])
    expect(await calibrate.latest()).toBeUndefined()
  })
})
