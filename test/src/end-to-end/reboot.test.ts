import { describe, expect, it } from 'vitest'
import { TestBench } from '../support/test-bench.ts'

describe('a reboot', () => {
  it('ends the process of the device, and the back end follows it until the device is back', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { comesBack: false, gates: ['beforeRestart', 'afterRestart'] })
    const bootBefore = device.bootId
    const reboot = await bench.fleet.getDeviceClient('cam-1').actions.reboot.begin({ reason: 'a test' })
    const states: string[] = []
    reboot.on('progress', ({ state }) => states.push(state))
    const over = reboot.result({ timeoutInMs: 15_000 })

    await device.reached('beforeRestart')
    await bench.sectionWhen('cam-1', 'reboot', ({ state }) => state === 'running')
    await seen(reboot, 'running')
    device.release('beforeRestart')
    await device.exited()
    const away = await bench.section('cam-1', 'reboot')
    expect(away).toMatchObject({ state: 'restarting', startedRebootTime: away.startedTime })
    expect(away).not.toHaveProperty('lastReboot')
    await seen(reboot, 'restarting')

    device.start()
    await device.reached('afterRestart')
    await bench.sectionWhen('cam-1', 'reboot', ({ state, attempt }) => state === 'running' && attempt === 2)
    device.release('afterRestart')
    expect(await over).toBeUndefined()

    expect(states).toEqual(['running', 'restarting', 'running', 'succeeded'])
    expect(device.boots()).toEqual([bootBefore, device.bootId])
    expect(device.bootId).not.toBe(bootBefore)
    expect(['flush', 'restart', 'selfTest'].map(effect => device.attemptsOf(effect))).toEqual([[1], [1], [1]])
    const section = await bench.section('cam-1', 'reboot')
    expect(section).toEqual({
      ...reboot.record,
      state: 'succeeded',
      startedRebootTime: section.startedTime,
      lastReboot: section.finishedTime,
    })
  })

  it('waits as long as it is asked to', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1')
    const reboot = await bench.fleet.getDeviceClient('cam-1').actions.reboot.begin({ delaySeconds: 1 })
    await bench.sectionWhen('cam-1', 'reboot', ({ state }) => state === 'waiting')
    expect(device.attemptsOf('flush')).toEqual([])
    await reboot.result({ timeoutInMs: 15_000 })
    const { acceptedTime, startedTime } = reboot.record
    expect(Date.parse(startedTime ?? '') - Date.parse(acceptedTime)).toBeGreaterThanOrEqual(1000)
  })

  it('is not believed in when the process was merely killed', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates: ['beforeRestart'] })
    const reboot = await bench.fleet.getDeviceClient('cam-1').actions.reboot.begin()
    await device.reached('beforeRestart')
    await device.kill()
    await device.reached('beforeRestart')
    expect(device.boots()).toEqual([device.bootId, device.bootId])
    expect(await bench.section('cam-1', 'reboot')).not.toHaveProperty('lastReboot')
    device.release('beforeRestart')
    await reboot.result({ timeoutInMs: 15_000 })
    expect(reboot.record.attempt).toBe(3)
    expect(device.attemptsOf('flush')).toEqual([1])
    expect(device.attemptsOf('restart')).toEqual([2])
  })
})

/** Waits until the back end's handle has seen a state. */
async function seen(handle: AsyncIterable<{ readonly state: string }>, wanted: string): Promise<void> {
  for await (const { state } of handle) if (state === wanted) return
}
