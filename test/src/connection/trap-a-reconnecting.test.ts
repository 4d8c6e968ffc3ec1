import { ManualClock } from '@iothub-dm/local-hub'
import azureDevice from 'azure-iot-device'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openScriptedDevice, startScriptedDevice } from '../../../packages/device/test/scripted-device.ts'
import { isPending, listenToMethods, network, openBareDevice, passTime, startBareDevice, stopTime } from './bare-sdk.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('trap 1: a socket error ends reconnection for good', () => {
  it('bare SDK: is stranded after a reset', async () => {
    stopTime()
    await using device = await openBareDevice()
    await listenToMethods(device)
    device.side.reset()
    await vi.waitFor(() => expect(device.events).toMatchObject([{ name: 'disconnect' }]))
    await passTime(() => device.hub.connections.length > 1)
    expect(device.hub.connections).toHaveLength(1)
  })

  it('agent: is back after a reset', async () => {
    await using device = await openScriptedDevice()
    device.side.reset()
    await device.listener.take('session')
  })
})

describe('trap 2: a network that is away at the first connect', () => {
  it('bare SDK: is reported as UnauthorizedError, and not tried again', async () => {
    await using device = await startBareDevice()
    await device.hub[Symbol.asyncDispose]()
    await expect(device.client.open()).rejects.toMatchObject({ name: 'UnauthorizedError' })
  })

  it('agent: is HubUnavailable, and tried again', async () => {
    await using device = await startScriptedDevice({ endpoint: { host: '127.0.0.1', port: 1 } })
    void device.connection.open().catch(() => {})
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await device.listener.take('attemptFailed')).reason).toMatchObject({ code: 'HubUnavailable' })
    }
  })
})

describe('trap 3: a refusal after the first success', () => {
  it('bare SDK: is taken for a network failure, and the hub hammered', async () => {
    stopTime()
    await using device = await openBareDevice()
    await listenToMethods(device)
    device.hub.follow({ connack: () => 5 })
    device.side.close()
    await passTime(() => device.hub.connections.length > 10, 60_000)
    expect(device.hub.connections.length).toBeGreaterThan(10)
  })

  it('agent: is Unauthorized, and not tried again for minutes', async () => {
    const clock = new ManualClock()
    await using device = await openScriptedDevice({ clock })
    device.hub.follow({ connack: () => 5 })
    device.side.close()
    await device.listener.take('lost')
    clock.advance(0)
    expect(await device.listener.take('attemptFailed')).toMatchObject({ reason: { code: 'Unauthorized' } })
    clock.advance(149_000)
    await network()
    expect(device.hub.connections).toHaveLength(2)
  })
})

describe('trap 4: a hub that is away for longer than four minutes', () => {
  it('bare SDK: is given up, for ever', async () => {
    stopTime()
    await using device = await openBareDevice()
    await listenToMethods(device)
    device.hub.follow({ connack: () => 3 })
    device.side.close()
    await passTime(() => device.events.length > 0)
    expect(device.events).toMatchObject([{ name: 'disconnect' }])
    device.hub.follow({})
    const attempts = device.hub.connections.length
    await passTime(() => device.hub.connections.length > attempts)
    expect(device.hub.connections).toHaveLength(attempts)
  })

  it('agent: is found again', async () => {
    const clock = new ManualClock()
    await using device = await openScriptedDevice({ clock, reconnect: { profile: 'single' } })
    device.hub.follow({ connack: () => 3 })
    device.side.close()
    await device.listener.take('lost')
    for (let passedInMs = 0; passedInMs < 10 * 60_000; passedInMs += 30_000) {
      clock.advance(30_000)
      await device.listener.take('attemptFailed')
    }
    device.hub.follow({})
    clock.advance(30_000)
    await device.listener.take('session')
  })
})

describe('trap 5: a loss where nothing is registered', () => {
  it('bare SDK: goes unseen, and nothing reconnects', async () => {
    stopTime()
    await using device = await openBareDevice()
    device.side.close()
    await device.side.closed()
    await passTime(() => device.events.length > 0 || device.hub.connections.length > 1)
    expect([device.events, device.hub.connections.length]).toEqual([[], 1])
  })

  it('agent: is told, and made good', async () => {
    await using device = await openScriptedDevice()
    device.side.close()
    await device.listener.take('lost')
    await device.listener.take('session')
  })
})

describe('trap 6: a client that was closed and opened again', () => {
  it('bare SDK: does not notice the next loss', async () => {
    stopTime()
    await using device = await openBareDevice()
    await listenToMethods(device)
    await device.client.close()
    await device.client.open()
    const side = await device.hub.connection(2)
    side.close()
    await side.closed()
    await passTime(() => device.events.length > 0 || device.hub.connections.length > 2)
    expect([device.events, device.hub.connections.length]).toEqual([[], 2])
  })

  it('agent: refuses to be opened again, and makes a new client for each connection', async () => {
    await using device = await openScriptedDevice()
    await device.connection.close()
    await expect(device.connection.open()).rejects.toMatchObject({ code: 'ConnectionClosed' })
  })
})

describe('trap 7: closing while a retry waits', () => {
  it('bare SDK: comes back from the dead', async () => {
    stopTime()
    await using device = await openBareDevice()
    await listenToMethods(device)
    device.hub.follow({ connack: () => 3 })
    device.side.close()
    await device.hub.connection(2)
    await network()
    await device.client.close()
    device.hub.follow({})
    const attempts = device.hub.connections.length
    await passTime(() => device.hub.connections.length > attempts, 60_000)
    expect(device.hub.connections.length).toBeGreaterThan(attempts)
  })

  it('agent: is final', async () => {
    const clock = new ManualClock()
    await using device = await openScriptedDevice({ clock })
    device.side.close()
    await device.listener.take('lost')
    await device.connection.close()
    clock.advance(24 * 60 * 60_000)
    await network()
    expect(device.hub.connections).toHaveLength(1)
  })
})

describe('trap 8: closing at a hub that acknowledges nothing', () => {
  it('bare SDK: never ends', async () => {
    stopTime()
    await using device = await openBareDevice()
    void device.client.sendEvent(new azureDevice.Message('never acknowledged')).catch(() => {})
    await device.hub.packet('publish')
    const closing = device.client.close()
    await passTime(() => false, 60_000)
    expect(await isPending(closing)).toBe(true)
  })

  it('agent: is over within a second', async () => {
    const clock = new ManualClock()
    await using device = await openScriptedDevice({ clock })
    device.side.freeze()
    const closing = device.connection.close()
    clock.advance(1_000)
    await closing
  })
})

describe('trap 9: opening again after the final disconnect', () => {
  it('bare SDK: does not subscribe to methods', async () => {
    await using device = await openBareDevice()
    await listenToMethods(device)
    device.side.reset()
    await vi.waitFor(() => expect(device.events).toHaveLength(1))
    await device.client.open()
    await network()
    expect((await device.hub.connection(2)).filters).toEqual([])
  })

  it('agent: subscribes to everything in every session', async () => {
    await using device = await openScriptedDevice()
    device.side.reset()
    await device.listener.take('session')
    expect((await device.hub.connection(2)).filters).toEqual(device.side.filters)
  })
})

describe('trap 10: the first attempt after a loss', () => {
  it('bare SDK: comes at once, as from every device that fell together, and so on for ever', async () => {
    stopTime()
    await using device = await openBareDevice()
    await listenToMethods(device)
    for (let loss = 1; loss <= 20; loss += 1) {
      const side = await device.hub.connection(loss)
      await vi.waitFor(() => expect(side.filters).toHaveLength(1))
      side.close()
    }
    await device.hub.connection(21)
  })

  it('agent: comes at a time drawn at random', async () => {
    const clock = new ManualClock()
    await using device = await openScriptedDevice({ clock, random: () => 0.5, reconnect: {} })
    clock.advance(10_000)
    device.side.close()
    await device.listener.take('lost')
    clock.advance(7_000)
    await network()
    expect(device.hub.connections).toHaveLength(1)
    clock.advance(1_000)
    await device.listener.take('session')
  })
})
