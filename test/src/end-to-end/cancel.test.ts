import { describe, expect, it } from 'vitest'
import { TestBench } from '../support/test-bench.ts'

const cancelled = { name: 'OperationFailedError', record: { state: 'cancelled' } }

describe.concurrent('an operation that is cancelled', () => {
  it('while it waits never runs, also not in the next life of the device', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1')
    const { reboot } = bench.fleet.getDeviceClient('cam-1').actions
    const operation = await reboot.begin({ delaySeconds: 3600 }, { operationId: 'in-an-hour' })
    await bench.sectionWhen('cam-1', 'reboot', ({ state }) => state === 'waiting')
    await bench.kill(device)
    await operation.cancel({ connectTimeoutInSeconds: 10 })
    await expect(operation.result({ timeoutInMs: 10_000 })).rejects.toMatchObject(cancelled)
    expect(await operation.cancel()).toBe('cancelled')

    await bench.kill(device)
    const again = await reboot.begin({ delaySeconds: 3600 }, { operationId: 'in-an-hour', connectTimeoutInSeconds: 10 })
    expect(again.record.state).toBe('cancelled')
    expect(device.attemptsOf('flush')).toEqual([])
    const section = await bench.section('cam-1', 'reboot')
    expect(section).toMatchObject({ state: 'cancelled', attempt: 0 })
    expect(section).not.toHaveProperty('lastReboot')
  })

  it('while it runs ends when its handler heeds the signal', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates: ['exposing'] })
    const { expose } = bench.fleet.getDeviceClient('cam-1').actions
    const operation = await expose.begin()
    await device.reached('exposing')
    await operation.cancel()
    await expect(operation.result({ timeoutInMs: 10_000 })).rejects.toMatchObject(cancelled)
    expect(await bench.section('cam-1', 'expose')).toMatchObject({ state: 'cancelled', attempt: 1 })
    expect(device.attemptsOf('expose')).toEqual([1])
  })

  it('is told when it is too late, or when nobody knows it', async () => {
    await using bench = await TestBench.open()
    await bench.connectDevice('cam-1')
    const { calibrate } = bench.fleet.getDeviceClient('cam-1').actions
    const operation = await calibrate.begin({ target: 42 })
    await operation.result({ timeoutInMs: 10_000 })
    await expect(operation.cancel()).rejects.toMatchObject({
      name: 'RefusedError',
      code: 'NotCancellable',
      status: 409,
      operation: { action: 'calibrate', operationId: operation.operationId, state: 'succeeded' },
    })
    await bench.connectDevice('cam-2')
    const { calibrate: calibrateOther } = bench.fleet.getDeviceClient('cam-2').actions
    await expect(calibrateOther.attach(operation.operationId, { timeoutInMs: 100 })).rejects.toMatchObject({
      code: 'OperationNotFound',
    })
  })
})
