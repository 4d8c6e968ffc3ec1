import { inspect } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { json, type Script, startScriptedRestHub } from '../../../test/scripted-rest-hub.ts'
import { HubError } from '../../hub/hub-error.ts'
import type { MethodRequest } from '../../hub/iot-hub.ts'

const reboot: MethodRequest = {
  methodName: 'reboot',
  payload: null,
  responseTimeoutInSeconds: 5,
  connectTimeoutInSeconds: 2,
}

const silence: Script = () => {}

async function failureOf(call: Promise<unknown>): Promise<HubError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof HubError)) throw new Error('expected the call to fail with a HubError', { cause: error })
  return error
}

describe('an error answer', () => {
  it.each([
    [429, 'Throttled', false],
    [500, 'HubUnavailable', true],
    [503, 'HubUnavailable', true],
    [504, 'DeviceTimeout', true],
  ])('%i is reported after exactly one POST', async (status, code, outcomeUnknown) => {
    await using hub = await startScriptedRestHub(json(status, { Message: 'ErrorCode:Any;Wait 7 seconds.' }))
    const error = await failureOf(hub.connect().invokeMethod('cam-1', reboot))
    expect(error).toMatchObject({ code, httpStatus: status, outcomeUnknown, retryable: true, retryAfterInMs: 7_000 })
    expect(hub.received).toHaveLength(1)
  })

  it('is told apart by the hub code where the HTTP status is the same', async () => {
    const offline = JSON.stringify({ errorCode: 404103, trackingId: 'T1-TimeStamp:x', message: 'not online' })
    await using hub = await startScriptedRestHub((response, request) =>
      request.url.includes('/methods')
        ? json(404, { Message: offline, ExceptionMessage: '' })(response, request)
        : json(404, { Message: 'gone' }, { 'iothub-errorcode': 'DeviceNotFound' })(response, request),
    )
    const client = hub.connect()
    expect(await failureOf(client.invokeMethod('cam-1', reboot))).toMatchObject({
      code: 'DeviceOffline',
      hubCode: 404103,
      trackingId: 'T1',
    })
    expect(await failureOf(client.getTwin('cam-1'))).toMatchObject({ code: 'DeviceNotFound', hubCode: 404001 })
  })

  it('shows neither the key nor a token, however deep it is inspected', async () => {
    await using hub = await startScriptedRestHub((response, { headers }) =>
      response
        .writeHead(401, { 'Content-Type': 'application/json' })
        .end(JSON.stringify({ Message: headers.authorization })),
    )
    const error = await failureOf(hub.connect().invokeMethod('cam-1', reboot))
    const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error)
    expect(error.code).toBe('Unauthorized')
    expect(shown).not.toContain(hub.sharedAccessKey)
    expect(shown).not.toContain('SharedAccessSignature')
    expect(shown).not.toContain('sig=')
  })
})

describe('a success answer that is not one of IoT Hub', () => {
  it.each<[string, Script]>([
    [
      'the page of a proxy',
      response => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Sign in</html>'),
    ],
    ['an empty body', response => response.writeHead(200, { 'Content-Type': 'application/json' }).end()],
    ['no content', response => response.writeHead(204).end()],
    ['broken JSON', response => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":')],
    ['JSON of another kind', json(200, [{ count: 3 }])],
    ['an object without the members', json(200, { count: 3 })],
    ['null', json(200, null)],
  ])('%s is refused', async (_, script) => {
    await using hub = await startScriptedRestHub(script)
    const client = hub.connect()
    expect(await failureOf(client.getTwin('cam-1'))).toMatchObject({ code: 'InvalidHubAnswer', outcomeUnknown: false })
    expect(await failureOf(client.invokeMethod('cam-1', reboot))).toMatchObject({
      code: 'InvalidHubAnswer',
      outcomeUnknown: true,
    })
  })

  it('that is not even HTTP is refused', async () => {
    await using hub = await startScriptedRestHub(response => response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n'))
    expect(await failureOf(hub.connect().getTwin('cam-1'))).toMatchObject({ code: 'InvalidHubAnswer' })
  })

  it('names the member that is missing', async () => {
    await using hub = await startScriptedRestHub(json(200, { deviceId: 'cam-1', properties: { desired: {} } }))
    await expect(hub.connect().getTwin('cam-1')).rejects.toThrow('etag: expected a string, got undefined')
  })
})

describe('the deadline', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('ends a call that the hub never answers', async () => {
    await using hub = await startScriptedRestHub(silence)
    const client = hub.connect({ requestTimeoutInMs: 60 })
    expect(await failureOf(client.getTwin('cam-1'))).toMatchObject({ code: 'HubTimeout', outcomeUnknown: false })
    const timeoutInMs = 60
    expect(await failureOf(client.invokeMethod('cam-1', reboot, { timeoutInMs }))).toMatchObject({
      code: 'HubTimeout',
      retryable: true,
      outcomeUnknown: true,
    })
  })

  it('ends a call whose answer stops in the middle', async () => {
    await using hub = await startScriptedRestHub(response =>
      response.writeHead(200, { 'Content-Type': 'application/json' }).write('{"status":'),
    )
    expect(await failureOf(hub.connect().getTwin('cam-1', { timeoutInMs: 60 }))).toMatchObject({ code: 'HubTimeout' })
  })

  it('of a method leaves the hub its two waits and more', async () => {
    await using hub = await startScriptedRestHub(silence)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const arrived = hub.nextRequest()
    const ended = vi.fn<(error: HubError) => void>()
    const failure = failureOf(hub.connect().invokeMethod('cam-1', reboot)).then(ended)
    await arrived

    await vi.advanceTimersByTimeAsync(16_999)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await failure
    expect(ended).toHaveBeenCalledWith(expect.objectContaining({ code: 'HubTimeout' }))
  })
})

describe('abortSignal', () => {
  it('ends the call with its own reason, and no other call', async () => {
    await using hub = await startScriptedRestHub((response, request) => {
      if (request.url.includes('cam-2')) json(200, { status: 200 })(response, request)
    })
    const client = hub.connect()
    const abort = new AbortController()
    const reason = new Error('changed my mind')
    const arrived = hub.nextRequest()
    const aborted = client.invokeMethod('cam-1', reboot, { abortSignal: abort.signal })
    const other = client.invokeMethod('cam-2', reboot)
    await arrived
    abort.abort(reason)
    await expect(aborted).rejects.toBe(reason)
    await expect(other).resolves.toMatchObject({ status: 200 })
  })

  it('aborted before the call sends nothing', async () => {
    await using hub = await startScriptedRestHub(silence)
    const abortSignal = AbortSignal.abort('too late')
    await expect(hub.connect().invokeMethod('cam-1', reboot, { abortSignal })).rejects.toBe('too late')
    expect(hub.received).toHaveLength(0)
  })

  it('ends a call that waits for a connection, and its request never leaves', async () => {
    const held: (() => void)[] = []
    await using hub = await startScriptedRestHub((response, request) => {
      held.push(() => json(200, { status: 200 })(response, request))
    })
    const client = hub.connect()
    const busy = Array.from({ length: 32 }, () => client.invokeMethod('cam-1', reboot))
    while (hub.received.length < 32) await hub.nextRequest()

    const abort = new AbortController()
    const waiting = client.invokeMethod('cam-2', reboot, { abortSignal: abort.signal })
    abort.abort('enough')
    await expect(waiting).rejects.toBe('enough')

    for (const answer of held) answer()
    await Promise.all(busy)
    const after = client.invokeMethod('cam-3', reboot)
    await hub.nextRequest()
    held.at(-1)?.()
    await after
    expect(hub.received.filter(({ url }) => url.includes('cam-2'))).toEqual([])
  })
})

describe('a lost connection', () => {
  it('that was kept alive leaves the outcome of a method unknown', async () => {
    await using hub = await startScriptedRestHub((response, request) => {
      if (hub.received.length === 1) json(200, { status: 200 })(response, request)
      else response.socket?.destroy()
    })
    const client = hub.connect()
    await client.invokeMethod('cam-1', reboot)
    expect(await failureOf(client.invokeMethod('cam-1', reboot))).toMatchObject({
      code: 'HubUnavailable',
      retryable: true,
      outcomeUnknown: true,
      cause: { code: 'ECONNRESET' },
    })
    expect(hub.connections()).toBe(1)
    expect(hub.received).toHaveLength(2)
  })

  it('in the middle of an answer is the same', async () => {
    await using hub = await startScriptedRestHub(response => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '999' })
      response.write('{', () => response.socket?.destroy())
    })
    expect(await failureOf(hub.connect().invokeMethod('cam-1', reboot))).toMatchObject({
      code: 'HubUnavailable',
      outcomeUnknown: true,
    })
  })

  it('that never came about leaves nothing unknown', async () => {
    await using hub = await startScriptedRestHub(silence)
    const client = hub.connect({ endpoint: { host: '127.0.0.1', port: 1 } })
    expect(await failureOf(client.invokeMethod('cam-1', reboot))).toMatchObject({
      code: 'HubUnavailable',
      retryable: true,
      outcomeUnknown: false,
    })
  })

  it('for want of trust is not worth a retry', async () => {
    await using hub = await startScriptedRestHub(silence)
    const error = await failureOf(hub.connect({ ca: undefined }).invokeMethod('cam-1', reboot))
    expect(error).toMatchObject({ code: 'HubUnavailable', retryable: false, outcomeUnknown: false })
    expect(error.message).toContain('not trusted')
    expect(hub.received).toHaveLength(0)
  })
})
