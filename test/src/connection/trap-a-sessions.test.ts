import { Socket } from 'node:net'
import { ManualClock } from '@iothub-dm/local-hub'
import azureDevice from 'azure-iot-device'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openScriptedDevice, startScriptedDevice } from '../../../packages/device/test/scripted-device.ts'
import { isPending, listenToMethods, network, openBareDevice, passTime, startBareDevice, stopTime } from './bare-sdk.ts'
import { runBareProgram } from './run-bare-program.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('trap 11: a peer that is gone without a word', () => {
  it('bare SDK: is noticed six minutes later', async () => {
    stopTime()
    await using device = await openBareDevice({ pings: false })
    const closed = device.side.closed()
    await passTime(() => false, 359_000)
    expect(await isPending(closed)).toBe(true)
    await passTime(() => false, 5_000)
    await closed
  })

  it('agent: is noticed within one and a half keep-alive periods', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    await using device = await openScriptedDevice({ keepAliveInSeconds: 40, reconnect: {} })
    device.hub.follow({ pings: false })
    vi.advanceTimersByTime(40_000)
    await device.hub.packet('pingreq')
    vi.advanceTimersByTime(20_000)
    expect((await device.listener.take('lost')).reason.message).toContain('no answer to a ping')
  })
})

describe('trap 12: a hub that takes the connection and says nothing', () => {
  it('bare SDK: is an UnauthorizedError after a minute', async () => {
    stopTime()
    await using device = await startBareDevice({ connack: () => undefined })
    const opening = device.client.open()
    const refused = expect(opening).rejects.toMatchObject({ name: 'UnauthorizedError' })
    await device.hub.packet('connect')
    await passTime(() => false, 59_000)
    expect(await isPending(opening)).toBe(true)
    await passTime(() => false, 2_000)
    await refused
  })

  it('agent: is HubUnavailable, at a deadline that can be chosen', async () => {
    const clock = new ManualClock()
    const script = { connack: () => undefined }
    await using device = await startScriptedDevice({ script, clock, connectTimeoutInMs: 5_000 })
    void device.connection.open().catch(() => {})
    await device.hub.packet('connect')
    clock.advance(5_000)
    expect((await device.listener.take('attemptFailed')).reason).toMatchObject({ code: 'HubUnavailable' })
  })
})

describe('trap 13: a failure that nobody listens to', () => {
  it('bare SDK: ends the process', async () => {
    const exit = await runBareProgram({ connectionString: unreachable, ca: '' }, 'onDeviceMethod')
    expect(exit).toMatchObject({ code: 1, output: expect.stringContaining('UnauthorizedError') })
  })

  it('agent: is told, or passed over', async () => {
    await using device = await startScriptedDevice({ endpoint: { host: '127.0.0.1', port: 1 } })
    void device.connection.open().catch(() => {})
    await device.listener.take('attemptFailed')
  })
})

describe('trap 14: options in two calls', () => {
  it('bare SDK: loses the authority that the first one named', async () => {
    await using device = await startBareDevice()
    await device.client.setOptions({ keepalive: 10 })
    await expect(device.client.open()).rejects.toThrow(/self-signed/)
  })

  it('agent: has them in one place, and trusts what it was told', async () => {
    await using device = await openScriptedDevice({ keepAliveInSeconds: 10 })
    expect(await device.hub.packet('connect')).toMatchObject({ keepalive: 10 })
  })
})

describe('trap 15: a subscription that the hub refuses', () => {
  const refuseOnce = {
    suback: (filters: readonly string[], connection: number) => filters.map(() => (connection === 1 ? 0x80 : 0)),
  }

  it('bare SDK: counts as success', async () => {
    await using device = await openBareDevice(refuseOnce)
    await new Promise<void>((resolve, reject) => {
      device.transport.enableMethods(error => (error ? reject(error) : resolve()))
    })
  })

  it('agent: ends the attempt', async () => {
    await using device = await startScriptedDevice({ script: refuseOnce })
    await device.connection.open()
    expect((await device.listener.take('attemptFailed')).reason.message).toContain('refused the subscription')
  })
})

const beforeRenewalInMs = 46 * 60_000

describe('trap 16: the renewal of the token', () => {
  it('bare SDK: subscribes to nothing, tells nothing, and leaves a report pending for ever', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using device = await openBareDevice({ twin: () => undefined })
    await listenToMethods(device)
    const report = new Promise((resolve, reject) => {
      device.transport.updateTwinReportedProperties({ a: 1 }, error => (error ? reject(error) : resolve(undefined)))
    })
    await device.side.published('$iothub/twin/PATCH')
    vi.advanceTimersByTime(beforeRenewalInMs)
    const renewed = await device.hub.connection(2)
    await network()
    vi.advanceTimersByTime(30 * 60_000)
    expect(await isPending(report)).toBe(true)
    expect([renewed.filters, device.events]).toEqual([[], []])
  })

  it('agent: is a session like any other, and what was pending is rejected', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using device = await openScriptedDevice({ script: { twin: () => undefined }, clock: new ManualClock() })
    const report = expect(device.connection.updateReported({ a: 1 })).rejects.toMatchObject({ code: 'ConnectionLost' })
    await device.side.published('$iothub/twin/PATCH')
    vi.advanceTimersByTime(beforeRenewalInMs)
    await report
    await device.listener.take('session')
    expect((await device.hub.connection(2)).filters).toEqual(device.side.filters)
  })
})

describe('trap 17: a renewal that had to be forced', () => {
  it('bare SDK: leaves the connection without its listener for errors', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using device = await openBareDevice()
    void device.client.sendEvent(new azureDevice.Message('never acknowledged')).catch(() => {})
    await device.hub.packet('publish')
    device.side.freeze()
    vi.advanceTimersByTime(beforeRenewalInMs)
    await network()
    vi.advanceTimersByTime(30_000)
    await device.hub.connection(2)
    const mqttClient = Reflect.get(Reflect.get(device.transport, '_mqtt'), '_mqttClient')
    await vi.waitFor(() => expect(mqttClient.connected).toBe(true))
    // Only the empty listener of mqtt.js itself: the next error goes unheard.
    expect(mqttClient.listeners('error')).toHaveLength(1)
  })

  it('agent: hears of the next error', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await using device = await openScriptedDevice({ clock: new ManualClock() })
    device.side.freeze()
    void device.connection.updateReported({ a: 1 }).catch(() => {})
    vi.advanceTimersByTime(beforeRenewalInMs)
    await network()
    vi.advanceTimersByTime(30_000)
    await device.listener.take('session')
    const renewed = await device.hub.connection(2)
    renewed.reset()
    await device.listener.take('lost')
  })
})

describe('trap 18: TCP_NODELAY', () => {
  // What it costs, 40 ms for each concurrent answer, is measured in hub-session.test.ts; here, whether it is set.
  it('bare SDK: is left off', async () => {
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay')
    await using _ = await openBareDevice()
    expect(setNoDelay.mock.contexts.filter(isOfClient)).toEqual([])
  })

  it('agent: is on', async () => {
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay')
    await using _ = await openScriptedDevice()
    expect(setNoDelay.mock.contexts.filter(isOfClient)).toHaveLength(1)
  })
})

describe('trap 19: a burst of messages', () => {
  const count = 3_000
  const text = 'x'.repeat(10_000)

  it('bare SDK: hangs a listener on the socket for each', async () => {
    await using device = await openBareDevice()
    const warned = new Promise<Error>(resolve => process.once('warning', resolve))
    await device.client.getTwin()
    for (let index = 0; index < count; index += 1) {
      device.transport.updateTwinReportedProperties({ text }, () => {})
    }
    expect(await warned).toMatchObject({ name: 'MaxListenersExceededWarning' })
  })

  it('agent: does not', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    await using device = await openScriptedDevice({ onMethod: async () => ({ status: 200, payload: text }) })
    device.side.publish(
      ...Array.from({ length: count }, (_, index) => ({ topic: `$iothub/methods/POST/ping/?$rid=${index}` })),
    )
    await device.side.publishedCount(count)
    process.off('warning', note)
    expect(warnings).toEqual([])
  })
})

const unreachable = 'HostName=127.0.0.1:1;DeviceId=cam-1;SharedAccessKey=c2VjcmV0'

/** Sockets of the hub's side have a server. */
function isOfClient(socket: unknown): boolean {
  return socket instanceof Socket && !('server' in socket && socket.server) && socket.constructor.name === 'TLSSocket'
}
