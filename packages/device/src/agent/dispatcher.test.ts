import { ManualClock } from '@iothub-dm/local-hub'
import { defineContract, type JsonValue, method, reboot, responseStatus, type WireAnswer } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { until } from '../../test/simulated-life.ts'
import type { MethodContext } from '../implementation/handlers.ts'
import { type Implementation, implement } from '../implementation/implement.ts'
import { PersistenceError } from '../journal/errors.ts'
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts'
import { echoMethod } from './unknown-method.ts'

type Handle = (request: unknown, context: MethodContext) => unknown

const contract = defineContract({
  methods: {
    echo: method({ request: v.unknown(), response: v.unknown() }),
    getLogs: method({
      request: v.object({ lines: v.pipe(v.string(), v.transform(Number)) }),
      response: v.array(v.string()),
    }),
    many: method({ request: v.record(v.string(), v.number()) }),
    none: method(),
  },
  actions: { reboot },
})

class Bench {
  readonly clock = new ManualClock(0)
  readonly errors: unknown[] = []
  readonly begun: unknown[] = []
  readonly cancelled: string[] = []
  begin = async (): Promise<WireAnswer> => ({ status: responseStatus.accepted, payload: null })
  readonly dispatcher: Dispatcher

  constructor(handle: Handle = request => request, onUnknownMethod?: DispatcherOptions['onUnknownMethod']) {
    this.dispatcher = new Dispatcher({
      implementation: implementing(handle),
      operations: {
        begin: (name, _action, payload) => {
          this.begun.push([name, payload])
          return this.begin()
        },
        cancel: async operationId => {
          this.cancelled.push(operationId)
          return { status: responseStatus.ok, payload: null }
        },
      },
      methodTimeoutInMs: 25_000,
      clock: this.clock,
      onUnknownMethod,
      onError: error => this.errors.push(error),
    })
  }

  call(methodName: string, payload?: JsonValue): Promise<WireAnswer> {
    return this.callRaw(methodName, payload === undefined ? '' : JSON.stringify(payload))
  }

  callRaw(methodName: string, body: string): Promise<WireAnswer> {
    return this.dispatcher.dispatch({ methodName, requestId: '1a', payload: new TextEncoder().encode(body) })
  }
}

function implementing(handle: Handle): Implementation {
  return implement(contract, {
    methods: {
      echo: handle,
      getLogs: ({ lines }) => Array.from({ length: lines }, (_, line) => `line ${line}`),
      many: () => {},
      none: () => {},
    },
    actions: { reboot: op => op.restart(() => {}) },
  })
}

/** Names that every object of JavaScript has a member for. */
const memberNames = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'then', 'toJSON']

function refusal(status: number, code: string): object {
  return { status, payload: { error: { code, message: expect.any(String) } } }
}

describe('Dispatcher', () => {
  it('leads a method to its handler with the validated request', async () => {
    const bench = new Bench()
    expect(await bench.call('getLogs', { lines: '2' })).toEqual({ status: 200, payload: ['line 0', 'line 1'] })
  })

  it('takes an empty body for null', async () => {
    const bench = new Bench()
    expect(await bench.call('none')).toEqual({ status: 200, payload: null })
    expect(await bench.call('echo')).toEqual({ status: 200, payload: null })
    expect(await bench.call('reboot')).toEqual({ status: 202, payload: null })
    expect(bench.begun).toEqual([['reboot', null]])
  })

  it.each(['getLog', '', 'getlogs', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', 'a b/?#'])(
    'knows no method %j',
    async name => {
      const answer = await new Bench().call(name, {})
      expect(answer).toEqual(refusal(404, 'MethodNotFound'))
      expect(answer.payload).toMatchObject({ error: { message: expect.stringContaining(JSON.stringify(name)) } })
    },
  )

  it('does not echo a long name whole, nor its control characters', async () => {
    const answer = await new Bench().call(`\u001b[31m\n${'x'.repeat(100_000)}`)
    const text = JSON.stringify(answer.payload)
    expect(text.length).toBeLessThan(300)
    expect(text).not.toContain('\u001b')
  })

  it('refuses a body that is no JSON, or nested too deep', async () => {
    const bench = new Bench()
    expect(await bench.callRaw('echo', '{"a":')).toEqual(refusal(400, 'InvalidPayload'))
    expect(await bench.callRaw('echo', '['.repeat(10_000) + ']'.repeat(10_000))).toEqual(refusal(400, 'InvalidPayload'))
    expect(bench.errors).toEqual([])
  })

  it('says what is wrong with a request, at most ten issues of it', async () => {
    const bench = new Bench()
    expect(await bench.call('getLogs', { lines: 2 })).toEqual({
      status: 400,
      payload: {
        error: {
          code: 'InvalidPayload',
          message: 'the payload is invalid',
          issues: [{ path: ['lines'], message: expect.any(String) }],
        },
      },
    })
    const bad = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key ${index}`, 'x'.repeat(100)]))
    const answer = await bench.call('many', bad)
    expect(answer).toMatchObject({ payload: { error: { issues: { length: 10 } } } })
    expect(JSON.stringify(answer).length).toBeLessThan(3_000)
    expect(await bench.call('none', { x: 1 })).toMatchObject(refusal(400, 'InvalidPayload'))
  })

  it.each<[string, Handle]>([
    [
      'throws',
      () => {
        throw new TypeError('SharedAccessKey=secret')
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('SharedAccessKey=secret'))],
    ['rejects with nothing', () => Promise.reject()],
    ['returns what JSON cannot carry', () => ({ at: new Date(0) })],
    ['returns a function', () => () => {}],
    ['returns a bigint', () => 1n],
  ])('answers 500 without a word of the reason when the handler %s', async (_name, handle) => {
    const bench = new Bench(handle)
    const answer = await bench.call('echo', {})
    expect(answer).toEqual(refusal(500, 'HandlerFailed'))
    expect(JSON.stringify(answer)).not.toContain('secret')
    expect(bench.errors).toHaveLength(1)
  })

  it('answers 500 when the response breaks its schema, and tells the device why', async () => {
    const strict = defineContract({ methods: { count: method({ response: v.object({ count: v.number() }) }) } })
    const loose: Record<string, unknown> = { count: 'many' }
    const errors: unknown[] = []
    const dispatcher = new Dispatcher({
      implementation: Reflect.apply(implement, undefined, [strict, { methods: { count: () => loose } }]),
      operations: { begin: () => Promise.reject(), cancel: () => Promise.reject() },
      methodTimeoutInMs: 1,
      clock: new ManualClock(0),
      onError: error => errors.push(error),
    })
    const answer = await dispatcher.dispatch({ methodName: 'count', requestId: '1', payload: new Uint8Array() })
    expect(answer).toEqual(refusal(500, 'HandlerFailed'))
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/^response of method 'count': count: /) }),
    ])
  })

  it('answers for a handler that never does, and gives it its signal', async () => {
    let signal: AbortSignal | undefined
    const bench = new Bench((_request, context) => {
      signal = context.signal
      return new Promise(() => {})
    })
    const answer = bench.call('echo', {})
    await until(() => signal !== undefined)
    bench.clock.advance(24_999)
    expect(signal?.aborted).toBe(false)
    bench.clock.advance(1)
    expect(await answer).toEqual(refusal(500, 'HandlerTimeout'))
    expect(signal?.reason).toMatchObject({ name: 'TimeoutError' })
    expect(bench.errors).toEqual([])
  })

  it('does not mind a handler that rejects after its time', async () => {
    const bench = new Bench(
      (_request, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => setImmediate(() => reject(new TypeError('late'))))
        }),
    )
    const answer = bench.call('echo', {})
    bench.clock.advance(25_000)
    expect((await answer).status).toBe(500)
    await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
    expect(bench.errors).toEqual([])
  })

  it('leaves no timer behind an answer', async () => {
    const bench = new Bench()
    await bench.call('echo', 1)
    await new Bench(() => Promise.reject()).call('echo', 1)
    expect(bench.clock.pendingTimers).toBe(0)
  })

  it('begins an action under its name and its documented alias', async () => {
    const bench = new Bench()
    await bench.call('reboot', { delaySeconds: 1 })
    await bench.call('rebootDevice', 5)
    expect(bench.begun).toEqual([
      ['reboot', { delaySeconds: 1 }],
      ['reboot', 5],
    ])
  })

  it('leaves an alias to the method that has the name', async () => {
    const both = defineContract({
      methods: { rebootDevice: method({ response: v.literal('mine') }) },
      actions: { reboot },
    })
    const dispatcher = new Dispatcher({
      implementation: implement(both, { methods: { rebootDevice: () => 'mine' }, actions: { reboot: () => {} } }),
      operations: { begin: () => Promise.reject(), cancel: () => Promise.reject() },
      methodTimeoutInMs: 1_000,
      clock: new ManualClock(0),
      onError: () => {},
    })
    const answer = await dispatcher.dispatch({ methodName: 'rebootDevice', requestId: '1', payload: new Uint8Array() })
    expect(answer).toEqual({ status: 200, payload: 'mine' })
  })

  it('C1: refuses unknown methods, however they are called', async () => {
    const bench = new Bench()
    for (const name of ['nothing', ...memberNames]) {
      expect(await bench.call(name, {})).toEqual(refusal(404, 'MethodNotFound'))
    }
    expect(bench.begun).toEqual([])
  })

  it('C1: echoes unknown methods, however they are called, and no others', async () => {
    const bench = new Bench(() => 'mine', echoMethod)
    for (const name of ['nothing', ...memberNames]) {
      const payload = { methodName: name, methodRequestId: '1a', methodRequestPayload: { a: [1] } }
      expect(await bench.call(name, { a: [1] })).toEqual({ status: 200, payload })
    }
    expect(await bench.call('x')).toMatchObject({ status: 200, payload: { methodRequestPayload: null } })
    expect(await bench.callRaw('x', '{')).toEqual(refusal(400, 'InvalidPayload'))
    expect(await bench.call('echo', 1)).toEqual({ status: 200, payload: 'mine' })
    expect(await bench.call('cancelOperation', { operationId: 'op' })).toEqual({ status: 200, payload: null })
    await bench.call('reboot')
    expect(bench.begun).toHaveLength(1)
  })

  it('lets a function answer unknown methods, within their time', async () => {
    let signal: AbortSignal | undefined
    const bench = new Bench(undefined, async (call, context) => {
      signal = context.signal
      if (call.methodName === 'silent') await new Promise(() => {})
      if (call.methodName === 'throws') throw new TypeError('SharedAccessKey=secret')
      return { status: call.methodName === 'odd' ? 1.5 : 201, payload: { ...call } }
    })
    const answer = { status: 201, payload: { methodName: 'any', requestId: '1a', payload: [1] } }
    expect(await bench.call('any', [1])).toEqual(answer)
    expect(await bench.call('throws')).toEqual(refusal(500, 'HandlerFailed'))
    expect(await bench.call('odd')).toEqual(refusal(500, 'HandlerFailed'))
    expect(bench.errors).toEqual([
      expect.objectContaining({ message: 'SharedAccessKey=secret' }),
      expect.objectContaining({ message: 'status of onUnknownMethod: expected an integer, got 1.5' }),
    ])
    const silent = bench.call('silent')
    await until(() => signal?.aborted === false)
    bench.clock.advance(25_000)
    expect(await silent).toEqual(refusal(500, 'HandlerTimeout'))
    expect(signal?.aborted).toBe(true)
    expect(bench.clock.pendingTimers).toBe(0)
  })

  it('cancels an operation', async () => {
    const bench = new Bench()
    expect(await bench.call('cancelOperation', { operationId: 'op' })).toEqual({ status: 200, payload: null })
    expect(bench.cancelled).toEqual(['op'])
    expect(await bench.call('cancelOperation', { operationId: 5 })).toMatchObject(refusal(400, 'InvalidPayload'))
    expect(await bench.call('cancelOperation')).toMatchObject({ status: 400 })
  })

  it('answers 503 when the disk fails, and goes on with other methods', async () => {
    const bench = new Bench()
    const failure = new PersistenceError(
      'write',
      '/state/journal',
      Object.assign(new Error('full'), { code: 'ENOSPC' }),
    )
    bench.begin = () => Promise.reject(failure)
    expect(await bench.call('reboot')).toEqual(refusal(503, 'PersistenceFailed'))
    expect(bench.errors).toEqual([failure])
    expect(await bench.call('echo', 1)).toEqual({ status: 200, payload: 1 })
  })

  it('answers 503 once it is closed, to those who wait too', async () => {
    const reasons: unknown[] = []
    const bench = new Bench((_request, { signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason))
      return new Promise(() => {})
    })
    const waiting = bench.call('echo', 1)
    bench.dispatcher.close()
    expect(await waiting).toEqual(refusal(503, 'NotReady'))
    expect(reasons).toEqual([expect.objectContaining({ code: 'AgentClosed' })])
    expect(await bench.call('echo', 1)).toEqual(refusal(503, 'NotReady'))
    expect(bench.clock.pendingTimers).toBe(0)
    expect(bench.errors).toEqual([])
  })
})
