import { setImmediate } from 'node:timers/promises'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { openScriptedDevice, startScriptedDevice } from '../../test/scripted-device.ts'
import { secretKey } from '../../test/scripted-hub.ts'
import type { HubSide } from '../../test/scripted-hub-side.ts'
import type { MethodAnswer, MethodCall } from '../connection/hub-connection.ts'

async function callMethod(side: HubSide, methodName: string, body: string, requestId = '1'): Promise<unknown> {
  side.publish({ topic: `$iothub/methods/POST/${methodName}/?$rid=${requestId}`, body })
  const answer = await side.published(`$iothub/methods/res/`)
  return { ...answer }
}

function pings(count: number): { topic: string }[] {
  return Array.from({ length: count }, (_, index) => ({ topic: `$iothub/methods/POST/ping/?$rid=${index}` }))
}

describe('direct methods', () => {
  // Traps 33, 36 and 37: the SDK drops unknown names and names with blanks, and refuses empty bodies by itself.
  it.each([
    ['unheardOf', '{"a":1}', 'unheardOf'],
    ['get logs', 'null', 'get logs'],
    ['get%20logs', '7', 'get logs'],
    ['ping', '', 'ping'],
    ['ping', 'no JSON', 'ping'],
  ])('hands every call on: %o with body %o', async (name, body, methodName) => {
    await using device = await openScriptedDevice({ onMethod: async () => ({ status: 207, payload: { done: true } }) })
    expect(await callMethod(device.side, name, body, 'a-1')).toEqual({
      topic: '$iothub/methods/res/207/?$rid=a-1',
      body: '{"done":true}',
    })
    expect(device.listener.calls).toEqual([{ methodName, payload: body }])
  })

  // Trap 34: for the SDK one is the caller's fault, the other the end of the process.
  it.each<[string, (call: MethodCall) => Promise<MethodAnswer>]>([
    [
      'throws',
      () => {
        throw new Error('the secret of the handler')
      },
    ],
    ['rejects', () => Promise.reject(new Error('the secret of the handler'))],
  ])('answers 500 when the handler %s, without a word of it', async (_, onMethod) => {
    await using device = await openScriptedDevice({ onMethod })
    expect(await callMethod(device.side, 'ping', 'null')).toEqual({
      topic: '$iothub/methods/res/500/?$rid=1',
      body: expect.not.stringContaining('secret'),
    })
  })

  it('answers 500 when the response is over 128 KB (trap 35)', async () => {
    await using device = await openScriptedDevice({
      onMethod: async () => ({ status: 200, payload: 'x'.repeat(300 * 1024) }),
    })
    expect(await callMethod(device.side, 'ping', 'null')).toEqual({
      topic: '$iothub/methods/res/500/?$rid=1',
      body: expect.stringContaining('ResponseTooLarge'),
    })
  })

  // Trap 38: the SDK sends it in the next session, to a hub that has given the call up.
  it('drops the answer when its session is gone', async () => {
    const answers: ((answer: MethodAnswer) => void)[] = []
    await using device = await openScriptedDevice({ onMethod: () => new Promise(resolve => answers.push(resolve)) })
    const { hub, listener, side } = device
    side.publish({ topic: '$iothub/methods/POST/slow/?$rid=old' })
    await expect.poll(() => answers.length).toBe(1)
    side.reset()
    await listener.take('session')
    answers[0]?.({ status: 200, payload: null })
    const next = await hub.connection(2)
    next.publish({ topic: '$iothub/methods/POST/slow/?$rid=new' })
    await expect.poll(() => answers.length).toBe(2)
    answers[1]?.({ status: 200, payload: null })
    await next.published('$iothub/methods/res/')
    expect(next.messages.map(({ topic }) => topic)).toEqual(['$iothub/methods/res/200/?$rid=new'])
  })

  // Trap 24: the SDK throws where nobody can catch.
  it('survives topics that make no sense', async () => {
    await using device = await openScriptedDevice()
    device.side.publish(
      { topic: '$iothub/methods/POST//?$rid=1' },
      { topic: '$iothub/methods/POST/' },
      { topic: '$iothub/twin/res/abc' },
      { topic: 'devices/camera-1/messages/devicebound/%24.mid=%' },
    )
    await callMethod(device.side, 'ping', 'null')
    expect(device.listener.calls).toHaveLength(1)
  })

  // Trap 19: mqtt.js hangs a `drain` listener on the socket for each of them.
  it('answers a burst without a warning', async () => {
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    await using device = await openScriptedDevice({
      onMethod: async () => ({ status: 200, payload: 'x'.repeat(10_000) }),
    })
    device.side.publish(...pings(3_000))
    await device.side.publishedCount(3_000)
    process.off('warning', note)
    expect(warnings).toEqual([])
  })

  // Trap 18: mqtt.js leaves Nagle's algorithm on, and every answer after the first waits some 40 ms for an ACK.
  it('does not hold answers back', async () => {
    let calls = 0
    await using device = await openScriptedDevice({
      onMethod: async () => {
        // Each answer of a round leaves in a turn of its own.
        for (let turn = calls++ % 5; turn > 0; turn -= 1) await setImmediate()
        return { status: 200, payload: null }
      },
    })
    const durations: number[] = []
    for (let round = 0; round < 20; round += 1) {
      const start = performance.now()
      device.side.publish(...pings(5))
      await device.side.publishedCount(5 * (round + 1))
      durations.push(performance.now() - start)
    }
    expect(durations.toSorted((a, b) => a - b)[10]).toBeLessThan(25)
  })
})

describe('the twin', () => {
  it('is read and reported', async () => {
    await using device = await openScriptedDevice({
      script: {
        twin: topic =>
          topic.startsWith('$iothub/twin/GET/')
            ? { status: 200, body: '{"desired":{"a":1,"$version":6},"reported":{"b":2,"$version":5}}' }
            : { status: 204, version: 6 },
      },
    })
    await expect(device.connection.readTwin()).resolves.toEqual({
      desired: { a: 1 },
      desiredVersion: 6,
      reported: { b: 2 },
      reportedVersion: 5,
    })
    await expect(device.connection.updateReported({ b: null })).resolves.toBe(6)
    expect(device.side.messages.at(-1)?.body).toBe('{"b":null}')
  })

  // Traps 23 and 24: for the SDK the first is a success, and the second ends the process.
  it('tells how the hub refused', async () => {
    const answers = [{ status: 429 }, { status: 200, body: '<html>' }, { status: 400, body: '<html>' }]
    await using device = await openScriptedDevice({ script: { twin: () => answers.shift() } })
    const { connection } = device
    await expect(connection.updateReported({})).rejects.toMatchObject({
      code: 'ReportRefused',
      status: 429,
      retryable: true,
    })
    await expect(connection.readTwin()).rejects.toMatchObject({ code: 'InvalidHubAnswer' })
    await expect(connection.readTwin()).rejects.toMatchObject({
      code: 'TwinReadRefused',
      status: 400,
      retryable: false,
    })
  })

  it('waits as long as the call says', async () => {
    await using device = await openScriptedDevice({ script: { twin: () => undefined } })
    await expect(device.connection.readTwin({ timeoutInMs: 5 })).rejects.toMatchObject({ code: 'HubTimeout' })
  })

  it('starts a new session when the hub leaves a request without an answer', async () => {
    await using device = await openScriptedDevice({ script: { twin: () => undefined } })
    const { connection, listener, hub } = device
    const late = expect(connection.readTwin({ timeoutInMs: 5 })).rejects.toMatchObject({ code: 'HubTimeout' })
    const pending = expect(connection.updateReported({})).rejects.toMatchObject({ code: 'ConnectionLost' })
    await Promise.all([late, pending])
    expect((await listener.take('lost')).reason).toMatchObject({ code: 'ConnectionLost' })
    await listener.take('session')
    expect((await hub.connection(2)).filters).toEqual((await hub.connection(1)).filters)
  })

  it('tells of desired properties, with arrays and nulls as they came (trap 26)', async () => {
    await using device = await openScriptedDevice()
    device.side.publish({
      topic: '$iothub/twin/PATCH/properties/desired/?$version=7',
      body: '{"list":[null,{"a":null}],"gone":null,"$version":7}',
    })
    expect(await device.listener.take('desired')).toEqual({
      type: 'desired',
      patch: { list: [null, { a: null }], gone: null },
      version: 7,
    })
  })

  it('takes the version from the topic when the patch has none', async () => {
    await using device = await openScriptedDevice()
    device.side.publish({ topic: '$iothub/twin/PATCH/properties/desired/?$version=7', body: '{"a":1}' })
    expect(await device.listener.take('desired')).toMatchObject({ patch: { a: 1 }, version: 7 })
  })

  // Trap 24: for the SDK this ends the process.
  it('starts a new session after a patch that is no JSON, so that the change is not missed', async () => {
    await using device = await openScriptedDevice()
    device.side.publish({ topic: '$iothub/twin/PATCH/properties/desired/?$version=7', body: '<html>' })
    expect((await device.listener.take('lost')).reason).toMatchObject({ code: 'InvalidHubAnswer' })
    await device.listener.take('session')
  })
})

describe('errors', () => {
  it('hold neither key nor token', async () => {
    await using refused = await startScriptedDevice({ script: { connack: () => 5 } })
    const unauthorized: unknown = await refused.connection.open().catch((error: unknown) => error)
    await using device = await openScriptedDevice()
    device.side.reset()
    const { reason } = await device.listener.take('lost')
    await device.hub[Symbol.asyncDispose]()
    const failed = await device.listener.take('attemptFailed')
    for (const error of [unauthorized, reason, failed.reason]) {
      const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })
      expect(shown).toContain('HubConnectionError')
      expect(shown).not.toContain(secretKey)
      expect(shown).not.toContain('sig=')
    }
  })
})
