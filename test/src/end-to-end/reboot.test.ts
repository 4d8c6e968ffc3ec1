import type { reboot } from '@iothub-dm/protocol'
import type { ActionRecord, OperationHandle } from '@iothub-dm/service'
import { describe, expect, it } from 'vitest'
import { TestBench } from '../support/test-bench.ts'

describe.concurrent('a reboot', () => {
  it('ends the process of the device, and the back end follows it until the device is back', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { comesBack: false, gates: ['beforeRestart', 'afterRestart'] })
    const bootBefore = device.bootId
    const operation = await bench.fleet.getDeviceClient('cam-1').actions.reboot.begin({ reason: 'a test' })
    const states: string[] = []
    operation.on('progress', ({ state }) => states.push(state))
    const over = operation.result({ timeoutInMs: 15_000 })

    await device.reached('beforeRestart')
    await seen(operation, ({ state }) => state === 'running')
    device.release('beforeRestart')
    await device.exited()
    const away = await bench.section('cam-1', 'reboot')
    expect(away).toMatchObject({ state: 'restarting', startedRebootTime: away.startedTime })
    expect(away).not.toHaveProperty('lastReboot')
    await seen(operation, ({ state }) => state === 'restarting')

    device.start()
    await device.reached('afterRestart')
    await seen(operation, ({ state, attempt }) => state === 'running' && attempt === 2)
    device.release('afterRestart')
    expect(await over).toBeUndefined()

    // Whether `accepted` is seen as well depends on how fast the device is.
    expect(states.filter(state => state !== 'accepted')).toEqual(['running', 'restarting', 'running', 'succeeded'])
    expect(device.boots()).toEqual([bootBefore, device.bootId])
    expect(device.bootId).not.toBe(bootBefore)
    expect(['flush', 'restart', 'selfTest'].map(effect => device.attemptsOf(effect))).toEqual([[1], [1], [1]])
    const section = await bench.section('cam-1', 'reboot')
    expect(section).toEqual({
      ...operation.record,
      state: 'succeeded',
      startedRebootTime: section.startedTime,
      lastReboot: section.finishedTime,
    })
  })

  it('waits as long as it is asked to', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1')
    const operation = await bench.fleet.getDeviceClient('cam-1').actions.reboot.begin({ delaySeconds: 1 })
    await bench.sectionWhen('cam-1', 'reboot', ({ state }) => state === 'waiting')
    expect(device.attemptsOf('flush')).toEqual([])
    await operation.result({ timeoutInMs: 15_000 })
    const { acceptedTime, startedTime } = operation.record
    expect(Date.parse(startedTime ?? '') - Date.parse(acceptedTime)).toBeGreaterThanOrEqual(1000)
  })

  it('is not believed in when the process was merely killed', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates: ['beforeRestart'] })
    const operation = await bench.fleet.getDeviceClient('cam-1').actions.reboot.begin()
    await device.reached('beforeRestart')
    await bench.kill(device)
    await device.reached('beforeRestart')
    expect(device.boots()).toEqual([device.bootId, device.bootId])
    expect(await bench.section('cam-1', 'reboot')).not.toHaveProperty('lastReboot')
    device.release('beforeRestart')
    await operation.result({ timeoutInMs: 15_000 })
    expect(operation.record.attempt).toBe(3)
    expect(device.attemptsOf('flush')).toEqual([1])
    expect(device.attemptsOf('restart')).toEqual([2])
  })
})

/** Waits until the back end's handle has seen a record. */
async function seen(
  operation: OperationHandle<typeof reboot>,
  matches: (record: ActionRecord<typeof reboot>) => boolean,
): Promise<void> {
  for await (const record of operation) if (matches(record)) return
}
