import { describe, expect, it } from 'vitest'
import { BackEndProcess } from '../support/back-end-process.ts'
import { backEndSettings, TestBench } from '../support/test-bench.ts'

const operationId = 'reboot-of-the-night'

describe.concurrent('a back end that dies', () => {
  it('is followed by another process that takes up its operation', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates: ['beforeRestart'] })
    const task = { settings: backEndSettings(bench.hub), deviceId: 'cam-1', operationId }
    await using first = await BackEndProcess.start(task)
    const serialized = await first.following()
    await device.reached('beforeRestart')
    await first.kill()
    expect(await first.exited()).toEqual({ code: null, signal: 'SIGKILL' })

    await using second = await BackEndProcess.start({ ...task, serialized })
    expect(await second.following()).toBe(serialized)
    device.release('beforeRestart')
    expect(await second.done()).toMatchObject({ operationId, state: 'succeeded' })
    expect(await second.exited()).toEqual({ code: 0, signal: null })
    expect(device.attemptsOf('restart')).toEqual([1])
    expect(await bench.section('cam-1', 'reboot')).toMatchObject({ operationId, state: 'succeeded' })
  })

  it('in the middle of its call leaves an operation that another finds by its id', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates: ['beforeRestart'] })
    const task = { settings: backEndSettings(bench.hub), deviceId: 'cam-1', operationId }
    const invoked = bench.hub.waitFor('methodInvoked')
    await using first = await BackEndProcess.start(task)
    await invoked
    await first.kill()

    await device.reached('beforeRestart')
    await using second = await BackEndProcess.start(task)
    await second.following()
    const { reboot } = bench.fleet.getDeviceClient('cam-1').actions
    const attached = await reboot.attach(operationId)
    device.release('beforeRestart')
    expect(await second.done()).toMatchObject({ operationId, state: 'succeeded' })
    await attached.result({ timeoutInMs: 10_000 })
    expect(device.attemptsOf('restart')).toEqual([1])
  })
})
