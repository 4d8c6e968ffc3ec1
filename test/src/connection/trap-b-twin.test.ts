import { setImmediate } from 'node:timers/promises'
import type { Twin } from 'azure-iot-device'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openScriptedDevice } from '../../../packages/device/test/scripted-device.ts'
import { type BareDevice, isPending, listenToMethods, network, openBareDevice, passTime, stopTime } from './bare-sdk.ts'
import { runBareProgram } from './run-bare-program.ts'

afterEach(() => {
  vi.useRealTimers()
})

const desiredTopic = (version: number) => `$iothub/twin/PATCH/properties/desired/?$version=${version}`
const patch = (version: number, body: object) => ({
  topic: desiredTopic(version),
  body: JSON.stringify({ ...body, $version: version }),
})
const twinOf =
  (desired: object, reported: object = {}) =>
  () => ({
    status: 200,
    version: 2,
    body: JSON.stringify({ desired: { $version: 1, ...desired }, reported: { $version: 1, ...reported } }),
  })

/** A twin of the SDK that follows the desired properties; `told` is what it told of a path. */
async function followTwin(device: BareDevice, path = ''): Promise<{ readonly twin: Twin; readonly told: unknown[] }> {
  const twin = await device.client.getTwin()
  const told: unknown[] = []
  twin.on(`properties.desired${path}`, (value: unknown) => told.push(structuredClone(value)))
  const side = await device.hub.connection(1)
  await vi.waitFor(() => expect(side.filters).toContain('$iothub/twin/PATCH/properties/desired/#'))
  await network()
  return { twin, told }
}

describe('trap 20: what the desired properties became while the device was away', () => {
  it('bare SDK: is never read', async () => {
    await using device = await openBareDevice()
    await listenToMethods(device)
    await followTwin(device)
    device.hub.follow({ twin: twinOf({ missed: true }) })
    const side = await device.hub.connection(1)
    side.close()
    const next = await device.hub.connection(2)
    await vi.waitFor(() => expect(next.filters).toContain('$iothub/methods/POST/#'))
    await network()
    expect(next.messages).toEqual([])
  })

  it('agent: is told to read by every new session', async () => {
    await using device = await openScriptedDevice()
    device.hub.follow({ twin: twinOf({ missed: true }) })
    device.side.close()
    await device.listener.take('session')
    expect(await device.connection.readTwin()).toMatchObject({ desired: { missed: true } })
  })
})

describe('trap 21: a hub that has lost the session', () => {
  it('bare SDK: gets no subscription to the twin again', async () => {
    await using device = await openBareDevice()
    await listenToMethods(device)
    await followTwin(device)
    const side = await device.hub.connection(1)
    side.close()
    const next = await device.hub.connection(2)
    await vi.waitFor(() => expect(next.filters).toHaveLength(1))
    await network()
    expect(next.filters).toEqual(['$iothub/methods/POST/#'])
  })

  it('agent: gets all of them', async () => {
    await using device = await openScriptedDevice()
    device.side.close()
    await device.listener.take('session')
    expect((await device.hub.connection(2)).filters).toEqual(device.side.filters)
  })
})

describe('trap 22: a twin request that the hub leaves without an answer', () => {
  it('bare SDK: is pending for ever, also after a new connection', async () => {
    stopTime()
    await using device = await openBareDevice({ twin: () => undefined })
    await listenToMethods(device)
    const reading = device.client.getTwin()
    await device.side.published('$iothub/twin/GET')
    device.side.close()
    await passTime(() => device.hub.connections.length > 1)
    await passTime(() => false, 60 * 60_000)
    expect(await isPending(reading)).toBe(true)
  })

  it('agent: ends at its deadline, or with its session', async () => {
    await using device = await openScriptedDevice({ script: { twin: () => undefined } })
    await expect(device.connection.readTwin({ timeoutInMs: 5 })).rejects.toMatchObject({ code: 'HubTimeout' })
  })
})

describe('trap 23: a report that the hub refuses', () => {
  const refuse = { twin: (topic: string) => (topic.includes('GET') ? twinOf({})() : { status: 429 }) }

  it('bare SDK: counts as success', async () => {
    await using device = await openBareDevice(refuse)
    const twin = await device.client.getTwin()
    await new Promise<void>((resolve, reject) => {
      twin.properties.reported.update({ a: 1 }, (error?: Error) => (error ? reject(error) : resolve()))
    })
    expect(twin.properties.reported.a).toBe(1)
  })

  it('agent: is rejected with the status', async () => {
    await using device = await openScriptedDevice({ script: refuse })
    await expect(device.connection.updateReported({ a: 1 })).rejects.toMatchObject({ status: 429, retryable: true })
  })
})

describe('trap 24: a twin that is no JSON', () => {
  const script = { twin: () => ({ status: 200, body: '<html>' }) }

  it('bare SDK: ends the process', async () => {
    await using device = await openBareDevice(script)
    const exit = await runBareProgram(bareHub(device), 'twin')
    expect(exit).toMatchObject({ code: 1, output: expect.stringContaining('SyntaxError') })
  })

  it('agent: is InvalidHubAnswer', async () => {
    await using device = await openScriptedDevice({ script })
    await expect(device.connection.readTwin()).rejects.toMatchObject({ code: 'InvalidHubAnswer' })
  })
})

describe('trap 25: a report without a callback', () => {
  it('bare SDK: ends the process when it succeeds', async () => {
    await using device = await openBareDevice()
    const exit = await runBareProgram(bareHub(device), 'awaitUpdate')
    expect(exit).toMatchObject({ code: 1, output: expect.stringContaining('finalCallback is not a function') })
  })

  it('agent: is a promise', async () => {
    await using device = await openScriptedDevice()
    await expect(device.connection.updateReported({ a: 1 })).resolves.toBe(2)
  })
})

describe('trap 26: lists', () => {
  it('bare SDK: are merged by index', async () => {
    await using device = await openBareDevice({ twin: twinOf({ list: [1, 2, 3] }) })
    const { twin } = await followTwin(device)
    device.side.publish(patch(2, { list: [9] }))
    await vi.waitFor(() => expect(twin.properties.desired.list).toEqual([9, 2, 3]))
  })

  it('agent: are told as they came, and replaced', async () => {
    await using device = await openScriptedDevice()
    device.side.publish(patch(2, { list: [9, null] }))
    expect(await device.listener.take('desired')).toMatchObject({ patch: { list: [9, null] }, version: 2 })
  })
})

describe('trap 27: a reported property of the name update', () => {
  it('bare SDK: takes the place of the function', async () => {
    await using device = await openBareDevice({ twin: twinOf({}, { update: { version: 2 } }) })
    const twin = await device.client.getTwin()
    expect(twin.properties.reported.update).toEqual({ version: 2 })
  })

  it('agent: is a property like any other', async () => {
    await using device = await openScriptedDevice({ script: { twin: twinOf({}, { update: { version: 2 } }) } })
    expect((await device.connection.readTwin()).reported).toEqual({ update: { version: 2 } })
    await device.connection.updateReported({ update: null })
  })
})

describe('trap 28: a patch that is older than what is known', () => {
  it('bare SDK: is applied', async () => {
    await using device = await openBareDevice({ twin: twinOf({ a: 'new', $version: 5 }) })
    const { twin } = await followTwin(device)
    device.side.publish(patch(3, { a: 'old' }))
    await vi.waitFor(() => expect(twin.properties.desired.a).toBe('old'))
  })

  // What becomes of it is shown by packages/device/src/configuration/desired-order.test.ts, over many orders.
  it('agent: is told with its version, by which it is passed over', async () => {
    await using device = await openScriptedDevice()
    device.side.publish(patch(3, { a: 'old' }))
    expect(await device.listener.take('desired')).toMatchObject({ version: 3 })
  })
})

describe('trap 29: values that JavaScript takes for false', () => {
  it('bare SDK: are not told when they are there at first', async () => {
    await using device = await openBareDevice({ twin: twinOf({ zero: 0, one: 1 }) })
    const zero = await followTwin(device, '.zero')
    expect(zero.told).toEqual([])
    const one = await followTwin(device, '.one')
    expect(one.told).toEqual([1])
    // And are, once more, when somebody else begins to listen.
    expect(zero.told).toEqual([0])
  })

  it('agent: are told as any other', async () => {
    await using device = await openScriptedDevice({ script: { twin: twinOf({ zero: 0, no: false, empty: '' }) } })
    expect((await device.connection.readTwin()).desired).toEqual({ zero: 0, no: false, empty: '' })
  })
})

describe('trap 30: a twin that is read again', () => {
  it('bare SDK: is empty until the answer comes', async () => {
    await using device = await openBareDevice({ twin: twinOf({ a: 1 }) })
    const twin = await device.client.getTwin()
    device.hub.follow({ twin: () => undefined })
    twin.get(() => {})
    await setImmediate()
    expect(twin.properties.desired).toEqual({})
  })

  it('agent: is a document of its own for each read', async () => {
    await using device = await openScriptedDevice({ script: { twin: twinOf({ a: 1 }) } })
    const first = await device.connection.readTwin()
    device.hub.follow({ twin: () => undefined })
    await expect(device.connection.readTwin({ timeoutInMs: 5 })).rejects.toMatchObject({ code: 'HubTimeout' })
    expect(first.desired).toEqual({ a: 1 })
  })
})

describe('trap 31: a listener that is removed', () => {
  it('bare SDK: leaves the subscription at the hub', async () => {
    await using device = await openBareDevice()
    const { twin } = await followTwin(device)
    twin.removeAllListeners()
    await network()
    await device.client.close()
    await device.hub.packet('disconnect')
    expect(device.side.filters).toContain('$iothub/twin/PATCH/properties/desired/#')
    await expect(Promise.race([device.hub.packet('unsubscribe'), network()])).resolves.toBeUndefined()
  })

  it('agent: has one listener for the life of a session, and leaves none behind', async () => {
    await using device = await openScriptedDevice()
    expect(device.side.filters).toHaveLength(3)
    await device.connection.close()
    device.side.publish(patch(2, { a: 1 }))
    await network()
    expect(device.listener.events).toEqual([])
  })
})

/** The same hub, for a program in another process. */
function bareHub({ hub }: BareDevice): { readonly connectionString: string; readonly ca: string } {
  const { host, port } = hub.endpoint
  return { connectionString: `${hub.connectionString()};GatewayHostName=${host}:${port}`, ca: hub.ca }
}
