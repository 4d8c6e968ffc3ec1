import type { DeviceMethodRequest, DeviceMethodResponse } from 'azure-iot-device'
import { describe, expect, it, vi } from 'vitest'
import { openScriptedDevice } from '../../../packages/device/test/scripted-device.ts'
import type { HubSide } from '../../../packages/device/test/scripted-hub-side.ts'
import { type BareDevice, network, openBareDevice } from './bare-sdk.ts'
import { runBareProgram } from './run-bare-program.ts'

type BareHandler = (request: DeviceMethodRequest, response: DeviceMethodResponse) => void

async function openWithMethod(name: string, handler: BareHandler): Promise<BareDevice & { readonly side: HubSide }> {
  const device = await openBareDevice()
  device.client.onDeviceMethod(name, handler)
  await vi.waitFor(() => expect(device.side.filters).toEqual(['$iothub/methods/POST/#']))
  await network()
  return device
}

function call(side: HubSide, name: string, body = 'null', requestId = 'r1'): void {
  side.publish({ topic: `$iothub/methods/POST/${name}/?$rid=${requestId}`, body })
}

/** The answers that have left when a method that is known has been answered. */
async function answersOf(side: HubSide, known: string): Promise<string[]> {
  call(side, known, 'null', 'last')
  await vi.waitFor(() => expect(side.messages.some(({ topic }) => topic.endsWith('last'))).toBe(true))
  return side.messages.map(({ topic }) => topic).filter(topic => !topic.endsWith('last'))
}

const answerNull: BareHandler = (_request, response) => void response.send(200, null)

describe('trap 32: a handler', () => {
  it('bare SDK: can be neither replaced nor removed', async () => {
    await using device = await openWithMethod('ping', answerNull)
    expect(() => device.client.onDeviceMethod('ping', answerNull)).toThrow(/already been registered/)
    expect(device.client).not.toHaveProperty('offDeviceMethod')
  })

  it('agent: is asked anew for each call', async () => {
    let status = 201
    await using device = await openScriptedDevice({ onMethod: async () => ({ status, payload: null }) })
    call(device.side, 'ping', 'null', 'a')
    await device.side.published('$iothub/methods/res/201')
    status = 202
    call(device.side, 'ping', 'null', 'b')
    await device.side.published('$iothub/methods/res/202')
  })
})

describe('trap 33: a method that nobody handles', () => {
  it('bare SDK: is never answered', async () => {
    await using device = await openWithMethod('ping', answerNull)
    call(device.side, 'unheardOf')
    expect(await answersOf(device.side, 'ping')).toEqual([])
  })

  // What the agent answers, 404, is shown by packages/device/src/agent/dispatcher.test.ts.
  it('agent: is handed on and answered', async () => {
    await using device = await openScriptedDevice({ onMethod: async () => ({ status: 404, payload: null }) })
    call(device.side, 'unheardOf')
    await device.side.published('$iothub/methods/res/404/?$rid=r1')
  })
})

describe('trap 34: a handler that fails', () => {
  it('bare SDK: blames the caller, and tells him what it threw', async () => {
    await using device = await openWithMethod('ping', () => {
      throw new Error('the secret of the handler')
    })
    call(device.side, 'ping')
    expect(await device.side.published('$iothub/methods/res/400')).toMatchObject({
      body: expect.stringContaining('the secret of the handler'),
    })
  })

  it('bare SDK: ends the process when it is asynchronous', async () => {
    await using device = await openBareDevice()
    const { host, port } = device.hub.endpoint
    const connectionString = `${device.hub.connectionString()};GatewayHostName=${host}:${port}`
    const ended = runBareProgram({ connectionString, ca: device.hub.ca }, 'rejects')
    const side = await device.hub.connection(2)
    await vi.waitFor(() => expect(side.filters).toHaveLength(1))
    await network()
    call(side, 'ping')
    expect(await ended).toMatchObject({ code: 1, output: expect.stringContaining('of the handler') })
  })

  it.each([
    () => {
      throw new Error('the secret of the handler')
    },
    () => Promise.reject(new Error('the secret of the handler')),
  ])('agent: is answered 500, without a word of it', async onMethod => {
    await using device = await openScriptedDevice({ onMethod })
    call(device.side, 'ping')
    expect(await device.side.published('$iothub/methods/res/')).toEqual({
      topic: '$iothub/methods/res/500/?$rid=r1',
      body: expect.not.stringContaining('secret'),
    })
  })
})

describe('trap 35: a response that no hub takes', () => {
  it('bare SDK: is sent with its status, and over 128 KB', async () => {
    await using device = await openWithMethod('ping', (request, response) => {
      void response.send(99_999, request.payload === 'long' ? 'x'.repeat(300 * 1024) : null)
    })
    call(device.side, 'ping', '"long"')
    const { body } = await device.side.published('$iothub/methods/res/99999')
    expect(body.length).toBeGreaterThan(128 * 1024)
  })

  it('bare SDK: never leaves with the status 0', async () => {
    const failures: unknown[] = []
    await using device = await openWithMethod('ping', (request, response) => {
      const sending: Promise<unknown> = response.send(request.requestId === 'last' ? 200 : 0, null)
      sending.catch((error: unknown) => failures.push(error))
    })
    call(device.side, 'ping')
    expect(await answersOf(device.side, 'ping')).toEqual([])
    expect(failures).toHaveLength(1)
  })

  it('agent: becomes a 500 that says why', async () => {
    await using device = await openScriptedDevice({
      onMethod: async () => ({ status: 200, payload: 'x'.repeat(300 * 1024) }),
    })
    call(device.side, 'ping')
    expect(await device.side.published('$iothub/methods/res/500')).toMatchObject({
      body: expect.stringContaining('ResponseTooLarge'),
    })
  })
})

describe.each(['get logs', 'get%20logs'])('trap 36: the method name %o', name => {
  it('bare SDK: never reaches its handler', async () => {
    await using device = await openWithMethod('get logs', answerNull)
    device.client.onDeviceMethod('ping', answerNull)
    call(device.side, name)
    expect(await answersOf(device.side, 'ping')).toEqual([])
  })

  it('agent: is handed on', async () => {
    await using device = await openScriptedDevice()
    call(device.side, name)
    await device.side.published('$iothub/methods/res/200')
    expect(device.listener.calls).toMatchObject([{ methodName: 'get logs' }])
  })
})

describe('trap 37: an empty body', () => {
  it('bare SDK: is refused without asking the handler', async () => {
    await using device = await openWithMethod('ping', answerNull)
    call(device.side, 'ping', '')
    expect(await device.side.published('$iothub/methods/res/400')).toMatchObject({
      body: expect.stringContaining('Unexpected end of JSON input'),
    })
  })

  it('agent: is handed on', async () => {
    await using device = await openScriptedDevice()
    call(device.side, 'ping', '')
    await device.side.published('$iothub/methods/res/200')
  })
})

describe('trap 38: an answer whose session is gone', () => {
  it('bare SDK: goes out in the next one, to a hub that has given the call up', async () => {
    const answers: (() => Promise<unknown>)[] = []
    await using device = await openWithMethod('slow', (_request, response) => {
      answers.push(() => response.send(200, null))
    })
    call(device.side, 'slow', 'null', 'old')
    await network()
    device.side.close()
    const next = await device.hub.connection(2)
    await vi.waitFor(() => expect(next.filters).toHaveLength(1))
    await network()
    await answers[0]?.()
    await next.published('$iothub/methods/res/200/?$rid=old')
  })

  it('agent: is dropped', async () => {
    const answers: (() => void)[] = []
    await using device = await openScriptedDevice({
      onMethod: () => new Promise(resolve => answers.push(() => resolve({ status: 200, payload: null }))),
    })
    call(device.side, 'slow', 'null', 'old')
    await vi.waitFor(() => expect(answers).toHaveLength(1))
    device.side.close()
    await device.listener.take('session')
    answers[0]?.()
    const next = await device.hub.connection(2)
    call(next, 'slow', 'null', 'new')
    await vi.waitFor(() => expect(answers).toHaveLength(2))
    answers[1]?.()
    await next.published('$iothub/methods/res/')
    expect(next.messages.map(({ topic }) => topic)).toEqual(['$iothub/methods/res/200/?$rid=new'])
  })
})
