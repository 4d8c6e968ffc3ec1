import type { LocalHub } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { beginAgainUntilTaken } from '../support/begin-again.ts'
import { TestBench } from '../support/test-bench.ts'

type Cut = (hub: LocalHub, deviceId: string) => void

const cuts: [string, Cut][] = [
  ['is closed', (hub, deviceId) => hub.disconnect(deviceId, 'fin')],
  ['is reset', (hub, deviceId) => hub.disconnect(deviceId, 'rst')],
  [
    'is reset and the hub forgets the subscriptions',
    (hub, deviceId) => {
      hub.loseSession(deviceId)
      hub.disconnect(deviceId, 'rst')
    },
  ],
]

describe.concurrent.each(cuts)('when the connection of the device %s', (_, cut) => {
  it('in the middle of an operation, the operation is completed and reported', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates: ['warm'] })
    const operation = await bench.fleet.getDeviceClient('cam-1').actions.calibrate.begin({ target: 42 })
    await device.reached('warm')
    cut(bench.hub, 'cam-1')
    await device.disconnected()
    device.release('warm')
    expect(await operation.result({ timeoutInMs: 10_000 })).toEqual({ offset: 2 })
    expect(await bench.section('cam-1', 'calibrate')).toEqual(operation.record)
    expect([device.attemptsOf('warm'), device.attemptsOf('measure')]).toEqual([[1], [1]])
  })

  it('in the middle of the handler of a method, its outcome is unknown and the next call works', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates: ['picture'] })
    const { takePicture } = bench.fleet.getDeviceClient('cam-1').methods
    const call = takePicture.invoke()
    const failed = expect(call).rejects.toMatchObject({
      name: 'HubError',
      code: 'DeviceOffline',
      hubCode: 404104,
      outcomeUnknown: true,
    })
    await device.reached('picture')
    cut(bench.hub, 'cam-1')
    await failed
    device.release('picture')
    await device.connected()
    expect(await takePicture.invoke()).toEqual({ bytes: 1024 })
    expect(device.attemptsOf('picture')).toEqual([1, 1])
  })

  it('right before the answer, the operation is found in the twin or begun again, and runs once', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1')
    const invoked = bench.hub.waitFor('methodInvoked')
    const { calibrate } = bench.fleet.getDeviceClient('cam-1').actions
    const operation = beginAgainUntilTaken(calibrate, { target: 42 }, 'calibration')
    await invoked
    cut(bench.hub, 'cam-1')
    expect(await (await operation).result({ timeoutInMs: 10_000 })).toEqual({ offset: 2 })
    expect([device.attemptsOf('warm'), device.attemptsOf('measure')]).toEqual([[1], [1]])
  })
})

describe.concurrent('an operation is completed and reported', () => {
  it('when the hub forgets the subscriptions of a connection that stays open', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice('cam-1', { gates: ['warm'] })
    const { methods, actions } = bench.fleet.getDeviceClient('cam-1')
    const operation = await actions.calibrate.begin({ target: 42 })
    await device.reached('warm')
    bench.hub.loseSession('cam-1')
    device.release('warm')
    expect(await operation.result({ timeoutInMs: 15_000 })).toEqual({ offset: 2 })
    expect(await methods.getLogs.invoke({ lines: 1 })).toHaveLength(1)
  })

  it.each(['fin', 'rst'] as const)(
    'when the connection is cut (%s) at any of its events',
    async manner => {
      await using bench = await TestBench.open()
      const device = await bench.connectDevice('cam-1')
      const { calibrate } = bench.fleet.getDeviceClient('cam-1').actions
      let cutAt = 0
      for (let events = 1; cutAt < events; ) {
        cutAt += 1
        events = 0
        const unsubscribe = bench.hub.subscribe(event => {
          if (!('deviceId' in event)) return
          events += 1
          if (events === cutAt) queueMicrotask(() => bench.hub.disconnect('cam-1', manner))
        })
        const operation = await beginAgainUntilTaken(calibrate, { target: cutAt }, `cut-at-${cutAt}`)
        expect(await operation.result({ timeoutInMs: 10_000 })).toEqual({ offset: cutAt - 40 })
        unsubscribe()
        expect(await bench.section('cam-1', 'calibrate')).toEqual(operation.record)
      }
      expect(cutAt).toBeGreaterThan(5)
      expect(device.attemptsOf('measure')).toEqual(Array(cutAt).fill(1))
    },
    60_000,
  )
})
