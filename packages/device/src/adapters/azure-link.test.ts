import { ManualClock } from '@iothub-dm/local-hub'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openScriptedDevice, startScriptedDevice } from '../../test/scripted-device.ts'
import { type HubScript, startScriptedHub } from '../../test/scripted-hub.ts'
import { AzureLink } from './azure-link.ts'
import { credentialsOf } from './credentials/credentials-of.ts'
import { subscriptions } from './hub-topics.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('losing the connection', () => {
  // Trap 1: for the SDK a reset ends reconnection for good.
  it.each(['reset', 'close'] as const)('comes back after a %s, time after time', async manner => {
    await using device = await openScriptedDevice()
    const { hub, listener } = device
    for (let loss = 1; loss <= 10; loss += 1) {
      const side = await hub.connection(loss)
      side[manner]()
      expect((await listener.take('lost')).reason).toMatchObject({ code: 'ConnectionLost' })
      await listener.take('session')
    }
    expect(hub.connections).toHaveLength(11)
  })

  // Trap 5: without handlers the SDK does not even notice. Traps 9 and 21: it does not subscribe again.
  it('subscribes again in a session that the hub does not remember', async () => {
    await using device = await openScriptedDevice()
    const { hub, listener, side } = device
    side.reset()
    await listener.take('session')
    expect((await hub.connection(2)).filters).toEqual(subscriptions)
  })

  // Trap 22: the SDK never settles what was pending.
  it('rejects what is pending before the next session is told', async () => {
    await using device = await openScriptedDevice({ script: { twin: () => undefined } })
    const { listener, connection, side } = device
    const order: string[] = []
    const note = (what: string) => (error: { code?: string }) => order.push(`${what} ${error.code}`)
    const pending = Promise.all([
      connection.readTwin().catch(note('read')),
      connection.updateReported({}).catch(note('report')),
    ])
    await side.published('$iothub/twin/PATCH')
    side.reset()
    await listener.take('session').then(() => order.push('session'))
    await pending
    expect(order).toEqual(['read ConnectionLost', 'report ConnectionLost', 'session'])
  })

  // Trap 11: the SDK needs up to six minutes.
  it('notices a dead peer within one and a half keep-alive periods', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const clock = new ManualClock()
    await using device = await openScriptedDevice({ script: { pings: false }, keepAliveInSeconds: 40, clock })
    const { hub, listener } = device
    vi.advanceTimersByTime(40_000)
    await hub.packet('pingreq')
    clock.advance(19_999)
    expect(listener.events).toEqual([])
    clock.advance(1)
    expect((await listener.take('lost')).reason).toMatchObject({ code: 'ConnectionLost' })
  })

  it('stays connected while pings are answered', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const clock = new ManualClock()
    await using device = await openScriptedDevice({ clock })
    const { hub, listener, connection } = device
    vi.advanceTimersByTime(60_000)
    await hub.packet('pingreq')
    await connection.readTwin()
    clock.advance(60_000)
    expect(listener.events).toEqual([])
  })
})

describe('connecting', () => {
  // Trap 2: the SDK calls each of these `UnauthorizedError` and gives up.
  it('keeps trying while nobody listens', async () => {
    await using device = await startScriptedDevice()
    const { hub, listener, connection } = device
    await hub[Symbol.asyncDispose]()
    const opening = expect(connection.open()).rejects.toMatchObject({ code: 'ConnectionClosed' })
    const { reason } = await listener.take('attemptFailed')
    expect(reason).toMatchObject({ code: 'HubUnavailable', message: expect.stringContaining('ECONNREFUSED') })
    await listener.take('attemptFailed')
    await connection.close()
    await opening
  })

  it('keeps trying when the hub is busy', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const clock = new ManualClock()
    await using device = await startScriptedDevice({
      script: { connack: (_, connection) => (connection === 1 ? 3 : 0) },
      clock,
    })
    const opening = device.connection.open()
    expect((await device.listener.take('attemptFailed')).reason).toMatchObject({ code: 'HubUnavailable' })
    clock.advance(0)
    await opening
    // The renewal of the token is all that waits: the SDK does not retry beside us.
    expect(vi.getTimerCount()).toBe(1)
  })

  it('does not talk to a hub whose certificate it does not trust', async () => {
    await using other = await startScriptedHub()
    await using device = await startScriptedDevice({ ca: other.ca })
    void device.connection.open().catch(() => {})
    expect((await device.listener.take('attemptFailed')).reason).toMatchObject({
      code: 'HubUnavailable',
      message: expect.stringContaining('self-signed'),
    })
    expect(device.hub.connections).toHaveLength(0)
  })

  it('does not talk to a hub whose certificate is for another name', async () => {
    await using device = await startScriptedDevice({ hostName: 'elsewhere.azure-devices.net' })
    void device.connection.open().catch(() => {})
    expect((await device.listener.take('attemptFailed')).reason.message).toContain('elsewhere.azure-devices.net')
    expect(device.hub.connections).toHaveLength(0)
  })

  it.each([2, 4, 5])('rejects with Unauthorized at return code %i', async returnCode => {
    await using device = await startScriptedDevice({ script: { connack: () => returnCode } })
    await expect(device.connection.open()).rejects.toMatchObject({ code: 'Unauthorized', retryable: false })
    expect(device.hub.connections).toHaveLength(1)
  })

  // Trap 3: after the first success, the SDK takes this for a network failure and hammers the hub.
  it('says Unauthorized also after the first success, and waits for minutes', async () => {
    await using device = await openScriptedDevice()
    const { hub, listener, side } = device
    hub.follow({ connack: () => 5 })
    side.reset()
    const { reason, retryInMs } = await listener.take('attemptFailed')
    expect(reason).toMatchObject({ code: 'Unauthorized' })
    expect(retryInMs).toBeGreaterThanOrEqual(150_000)
  })

  // Trap 12: the SDK waits for 60 s for a CONNACK, and for ever for a SUBACK.
  it.each<[string, HubScript]>([
    ['CONNACK', { connack: () => undefined }],
    ['SUBACK', { suback: () => undefined }],
  ])('gives up an attempt without a %s at its own deadline', async (_, script) => {
    const clock = new ManualClock()
    await using device = await startScriptedDevice({ script, clock, connectTimeoutInMs: 5_000 })
    const { hub, listener, connection } = device
    const opening = connection.open()
    await hub.packet(script.connack === undefined ? 'subscribe' : 'connect')
    hub.follow({})
    clock.advance(5_000)
    expect((await listener.take('attemptFailed')).reason).toMatchObject({
      code: 'HubUnavailable',
      message: expect.stringContaining('no session within 5000 ms'),
    })
    clock.advance(0)
    await opening
  })

  // Trap 15: for the SDK a refused subscription is a success.
  it('takes a refused subscription for a failure', async () => {
    await using device = await startScriptedDevice({
      script: {
        suback: (filters, connection) =>
          filters.map(filter => (connection === 1 && filter.includes('methods') ? 0x80 : 0)),
      },
    })
    await device.connection.open()
    expect((await device.listener.take('attemptFailed')).reason.message).toContain(
      'refused the subscription to $iothub/methods/POST/#',
    )
    expect(device.hub.connections).toHaveLength(2)
  })

  it('tells the end of a link once, however often the SDK fails', async () => {
    const script: HubScript = { connack: (_, connection) => (connection === 1 ? 5 : 0) }
    await using hub = await startScriptedHub(script)
    const ends: Error[] = []
    const start = (onSession: () => void) =>
      new AzureLink(
        { onSession, onEnd: reason => ends.push(reason), onMethod: () => Promise.reject(), onDesired: () => {} },
        {
          credentials: credentialsOf(hub.connectionString(), {}, new ManualClock()),
          transport: 'mqtt',
          endpoint: hub.endpoint,
          ca: hub.ca,
          keepAliveInSeconds: 60,
          connectTimeoutInMs: 30_000,
          requestTimeoutInMs: 30_000,
          clock: new ManualClock(),
        },
      )
    start(() => {})
    await (await hub.connection(1)).closed()
    const [next] = await new Promise<[AzureLink]>(resolve => {
      const link: AzureLink = start(() => resolve([link]))
    })
    await next.close()
    expect(ends).toEqual([expect.objectContaining({ code: 'Unauthorized' })])
  })

  it('sends what the hub expects', async () => {
    await using device = await openScriptedDevice()
    const { hub } = device
    expect(await hub.packet('connect')).toMatchObject({
      clientId: 'camera-1',
      username: expect.stringMatching(/^scripted\.azure-devices\.net\/camera-1\/\?api-version=/),
      clean: false,
      keepalive: 60,
      protocolVersion: 4,
    })
  })
})
