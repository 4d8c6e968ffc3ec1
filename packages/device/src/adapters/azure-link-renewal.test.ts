import { ManualClock } from '@iothub-dm/local-hub'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openScriptedDevice } from '../../test/scripted-device.ts'
import type { HubScript } from '../../test/scripted-hub.ts'
import { subscriptions } from './hub-topics.ts'

afterEach(() => {
  vi.useRealTimers()
})

// Trap 16: the SDK renews the SAS token by a silent disconnect and connect, after which it is deaf and blind.
describe('renewing the SAS token', () => {
  const beforeRenewal = 45 * 60 * 1_000

  it('tells of a new session, with all subscriptions, and of no loss', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using device = await openScriptedDevice()
    const { hub, listener, connection } = device
    for (let renewal = 2; renewal <= 5; renewal += 1) {
      vi.advanceTimersByTime(beforeRenewal)
      await listener.take('session')
      const side = await hub.connection(renewal)
      expect(side.filters).toEqual(subscriptions)
      await connection.readTwin()
      side.publish({ topic: '$iothub/methods/POST/ping/?$rid=1', body: 'null' })
      await side.published('$iothub/methods/res/200')
    }
    expect(listener.events).toEqual([])
  })

  it('sends a token that is valid for an hour again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const passwords: string[] = []
    await using device = await openScriptedDevice({
      script: {
        connack: packet => {
          passwords.push(String(packet.password))
          return 0
        },
      },
    })
    const { listener } = device
    vi.advanceTimersByTime(beforeRenewal)
    await listener.take('session')
    const expiries = passwords.map(password => Number(new URLSearchParams(password).get('se')) - Date.now() / 1_000)
    expect(expiries).toEqual([expect.closeTo(3_600, -1), expect.closeTo(3_600, -1)])
  })

  it('rejects what is pending', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using device = await openScriptedDevice({ script: { twin: () => undefined }, clock: new ManualClock() })
    const { listener, connection, side } = device
    const update = expect(connection.updateReported({ a: 1 })).rejects.toMatchObject({ code: 'ConnectionLost' })
    await side.published('$iothub/twin/PATCH')
    vi.advanceTimersByTime(beforeRenewal)
    await update
    await listener.take('session')
  })

  // The SDK waits 30 s for a hub that no longer reads, and then forgets the old connection.
  it('goes on when the hub no longer reads the old connection', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using device = await openScriptedDevice({ script: { twin: () => undefined }, clock: new ManualClock() })
    const { listener, connection, side } = device
    const update = expect(connection.updateReported({ a: 1 })).rejects.toMatchObject({ code: 'ConnectionLost' })
    await side.published('$iothub/twin/PATCH')
    side.freeze()
    vi.advanceTimersByTime(beforeRenewal)
    await expect(connection.readTwin()).rejects.toMatchObject({ code: 'ConnectionLost' })
    vi.advanceTimersByTime(30_000)
    await Promise.all([update, listener.take('session')])
    expect(listener.events).toEqual([])
  })

  // Trap 17: a failed renewal must not become an uncaught exception, nor silence.
  it.each<[string, HubScript, string]>([
    ['is refused', { connack: () => 5 }, 'Unauthorized'],
    ['finds the hub busy', { connack: () => 3 }, 'HubUnavailable'],
    ['is not subscribed', { suback: filters => filters.map(() => 0x80) }, 'HubUnavailable'],
  ])('comes back when the renewal %s', async (_, script, code) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const clock = new ManualClock()
    await using device = await openScriptedDevice({ clock })
    const { hub, listener } = device
    hub.follow(script)
    vi.advanceTimersByTime(beforeRenewal)
    expect((await listener.take('lost')).reason).toMatchObject({ code })
    hub.follow({})
    clock.advance(300_000)
    await listener.take('session')
  })

  it('comes back when the hub resets the connection in the middle of a renewal', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const clock = new ManualClock()
    await using device = await openScriptedDevice({ clock })
    const { hub, listener } = device
    hub.follow({ connack: () => undefined })
    vi.advanceTimersByTime(beforeRenewal)
    const side = await hub.connection(2)
    hub.follow({})
    side.reset()
    await listener.take('lost')
    clock.advance(0)
    await listener.take('session')
  })
})
