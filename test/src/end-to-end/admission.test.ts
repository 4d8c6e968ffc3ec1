import { describe, expect, it } from 'vitest'
import { TestBench } from '../support/test-bench.ts'

describe.concurrent('an action', () => {
  it('that has expired is refused and never run', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1')
    const { calibrate } = bench.fleet.getDeviceClient('cam-1').actions
    const expired = { operationId: 'too-late', expiresAt: new Date(Date.now() - 1) }
    const refusal = { name: 'RefusedError', code: 'Expired', status: 410 }
    await expect(calibrate.begin({ target: 42 }, expired)).rejects.toMatchObject(refusal)
    await bench.kill(device)
    await device.connected()
    await expect(calibrate.begin({ target: 42 }, expired)).rejects.toMatchObject(refusal)
    expect(device.attemptsOf('warm')).toEqual([])
    expect(await calibrate.latest()).toBeUndefined()
  })

  it('that expires while it waits ends as expired', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1')
    const { reboot } = bench.fleet.getDeviceClient('cam-1').actions
    const operation = await reboot.begin({ delaySeconds: 1 }, { expiresAt: new Date(Date.now() + 900) })
    await expect(operation.result({ timeoutInMs: 10_000 })).rejects.toMatchObject({
      name: 'OperationFailedError',
      record: { state: 'expired', attempt: 0, error: { code: 'Expired' } },
    })
    expect(device.attemptsOf('flush')).toEqual([])
  })

  it('meets a device that is busy, and is told with what', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates: ['exposing'] })
    const { expose, calibrate } = bench.fleet.getDeviceClient('cam-1').actions
    const exposure = await expose.begin(undefined, { operationId: 'exposure' })
    await device.reached('exposing')
    const busy = {
      name: 'RefusedError',
      code: 'Busy',
      status: 409,
      retryable: true,
      operation: { action: 'expose', operationId: 'exposure', state: 'running' },
    }
    await expect(calibrate.begin({ target: 42 })).rejects.toMatchObject(busy)
    await expect(expose.begin()).rejects.toMatchObject(busy)
    // Also the next life of the device knows.
    await bench.kill(device)
    await device.reached('exposing')
    await expect(calibrate.begin({ target: 42 }, { connectTimeoutInSeconds: 10 })).rejects.toMatchObject(busy)

    device.release('exposing')
    expect(await exposure.result({ timeoutInMs: 10_000 })).toEqual({ frames: 24 })
    expect(await (await calibrate.begin({ target: 42 })).result({ timeoutInMs: 10_000 })).toEqual({ offset: 2 })
    expect(device.attemptsOf('expose')).toEqual([1, 2])
    expect(device.attemptsOf('warm')).toEqual([1])
  })
})
