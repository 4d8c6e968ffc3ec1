import { ManualClock } from '@iothub-dm/local-hub'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openScriptedDevice, startScriptedDevice } from '../../test/scripted-device.ts'
import type { HubScript } from '../../test/scripted-hub.ts'

afterEach(() => {
  vi.useRealTimers()
})

it('stops an attempt that has hardly begun', async () => {
  // Must be the first test: only for its first client does the SDK read files before it connects.
  await using device = await startScriptedDevice()
  const { hub, connection } = device
  const rejected = expect(connection.open()).rejects.toMatchObject({ code: 'ConnectionClosed' })
  await connection.close()
  await rejected
  await using other = await startScriptedDevice({ endpoint: hub.endpoint, ca: hub.ca })
  await other.connection.open()
  expect(hub.connections).toHaveLength(1)
})

describe('closing', () => {
  // Trap 7: a renewal or a retry brings the SDK's client back from the dead.
  it('is final and leaves no timer behind', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    await using device = await openScriptedDevice()
    const { hub, connection, listener, side } = device
    hub.follow({ pings: false })
    vi.advanceTimersByTime(60_000)
    await hub.packet('pingreq')
    await connection.readTwin()
    await connection.close()
    await side.closed()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(24 * 60 * 60 * 1_000)
    expect(hub.connections).toHaveLength(1)
    expect(listener.events).toEqual([])
  })

  it('says goodbye', async () => {
    await using device = await openScriptedDevice()
    const { hub, connection } = device
    await connection.close()
    await hub.packet('disconnect')
  })

  // Trap 8: the SDK waits for ever.
  it('is bounded when the hub no longer reads', async () => {
    const clock = new ManualClock()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using device = await openScriptedDevice({ clock })
    const { connection, side } = device
    side.freeze()
    const closing = connection.close()
    clock.advance(1_000)
    await closing
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each<[string, HubScript]>([
    ['CONNACK', { connack: () => undefined }],
    ['SUBACK', { suback: () => undefined }],
  ])('ends an attempt that waits for a %s', async (_, script) => {
    const clock = new ManualClock()
    await using device = await startScriptedDevice({ script, clock })
    const { hub, connection } = device
    const rejected = expect(connection.open()).rejects.toMatchObject({ code: 'ConnectionClosed' })
    await hub.packet(script.connack === undefined ? 'subscribe' : 'connect')
    const closing = connection.close()
    clock.advance(1_000)
    await Promise.all([closing, rejected])
    await (await hub.connection(1)).closed()
  })
})
