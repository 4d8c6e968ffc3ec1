import { describe, expect, it } from 'vitest'
import type { SupervisedDevice } from '../support/supervised-device.ts'
import { TestBench } from '../support/test-bench.ts'

const operationId = 'reboot-of-the-night'

function expectDoneOnce(device: SupervisedDevice): void {
  expect(['flush', 'restart', 'selfTest'].map(effect => device.attemptsOf(effect))).toEqual([[1], [1], [1]])
}

describe.concurrent('the same operation id, begun again', () => {
  it('leads to the operation that is under way', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates: ['beforeRestart'] })
    const { reboot } = bench.fleet.getDeviceClient('cam-1').actions
    const [first, twin] = await Promise.all([reboot.begin({}, { operationId }), reboot.begin({}, { operationId })])
    await device.reached('beforeRestart')
    const again = await reboot.begin({}, { operationId })
    expect([first, twin, again].map(handle => handle.operationId)).toEqual(Array(3).fill(operationId))
    expect(again.record.state).toBe('running')
    device.release('beforeRestart')
    await Promise.all([first, twin, again].map(handle => handle.result({ timeoutInMs: 10_000 })))
    expectDoneOnce(device)
  })

  it('leads to it also when the device was away in between', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { comesBack: false })
    const { reboot } = bench.fleet.getDeviceClient('cam-1').actions
    const isAway = bench.hub.waitFor('deviceDisconnected')
    await reboot.begin({}, { operationId })
    await device.exited()
    await isAway
    await expect(reboot.begin({}, { operationId })).rejects.toMatchObject({ name: 'HubError', code: 'DeviceOffline' })
    device.start()
    const again = await reboot.begin({}, { operationId, connectTimeoutInSeconds: 10 })
    await again.result({ timeoutInMs: 10_000 })
    expectDoneOnce(device)
  })

  it('gives the stored outcome once it is over, also after restarts and other operations', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1')
    const { reboot, calibrate } = bench.fleet.getDeviceClient('cam-1').actions
    await (await reboot.begin({}, { operationId })).result({ timeoutInMs: 10_000 })
    expect((await reboot.begin({}, { operationId })).record.state).toBe('succeeded')

    const calibration = await calibrate.begin(
      { target: 42 },
      { operationId: 'calibration', connectTimeoutInSeconds: 10 },
    )
    expect(await calibration.result({ timeoutInMs: 10_000 })).toEqual({ offset: 2 })
    await bench.kill(device)
    const again = await calibrate.begin({ target: 42 }, { operationId: 'calibration', connectTimeoutInSeconds: 10 })
    expect(await again.result({ timeoutInMs: 10_000 })).toEqual({ offset: 2 })
    expect((await reboot.begin({}, { operationId })).record.state).toBe('succeeded')
    expectDoneOnce(device)
    expect(device.attemptsOf('warm')).toEqual([1])
  })

  it.each([
    ['while it is under way', ['warm']],
    ['when it is over', []],
  ])('is refused for another request or action, %s', async (_, gates) => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates })
    const { reboot, calibrate } = bench.fleet.getDeviceClient('cam-1').actions
    const operation = await calibrate.begin({ target: 42 }, { operationId })
    const isUnderWay = gates.length > 0
    if (isUnderWay) await device.reached('warm')
    else await operation.result({ timeoutInMs: 10_000 })

    const conflict = {
      name: 'RefusedError',
      code: 'OperationConflict',
      status: 409,
      operation: { action: 'calibrate', operationId, state: isUnderWay ? 'running' : 'succeeded' },
    }
    await expect(calibrate.begin({ target: 43 }, { operationId })).rejects.toMatchObject(conflict)
    await expect(reboot.begin({}, { operationId })).rejects.toMatchObject(conflict)
    if (isUnderWay) device.release('warm')
    expect(await operation.result({ timeoutInMs: 10_000 })).toEqual({ offset: 2 })
    expect(device.attemptsOf('measure')).toEqual([1])
    expect(device.attemptsOf('flush')).toEqual([])
  })
})
