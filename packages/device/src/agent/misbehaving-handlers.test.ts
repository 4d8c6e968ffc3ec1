import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { action, defineContract, method, operationSection } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { MemoryHub } from '../../test/memory-hub.ts'
import { gate, temporaryDirectory, until } from '../../test/simulated-life.ts'
import type { ActionHandler, MethodHandler } from '../implementation/handlers.ts'
import { implement } from '../implementation/implement.ts'
import { DeviceAgent } from './device-agent.ts'
import type { DeviceAgentOptions } from './device-agent-options.ts'

const contract = defineContract({
  methods: {
    call: method({ request: v.optional(v.unknown()), response: v.optional(v.unknown()) }),
    ping: method({ response: v.string() }),
  },
  actions: { work: action({ result: v.optional(v.unknown()) }) },
})
type Call = MethodHandler<typeof contract.methods.call>
type Work = ActionHandler<typeof contract.actions.work>

interface Device extends AsyncDisposable {
  readonly hub: MemoryHub
  readonly errors: unknown[]
}

async function open(
  handlers: { call?: Call; work?: Work },
  options: Partial<DeviceAgentOptions> = {},
): Promise<Device> {
  const { call = () => {}, work = () => {} } = handlers
  const directory = await temporaryDirectory()
  const hub = new MemoryHub()
  const implementation = implement(contract, { methods: { call, ping: () => 'pong' }, actions: { work } })
  const agent = new DeviceAgent(
    implementation,
    { stateDirectory: directory.path, bootId: 'boot-1', ...options },
    hub.connect,
  )
  const errors: unknown[] = []
  agent.on('error', error => errors.push(error))
  await agent.open()
  const dispose = async () => {
    await agent.close()
    await directory[Symbol.asyncDispose]()
  }
  return { hub, errors, [Symbol.asyncDispose]: dispose }
}

/** Bytes that are in use, once what is not has been collected. */
function liveBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const blocking: Call = () => {
  const end = performance.now() + 300
  while (performance.now() < end);
  return 'done'
}

const pong = { status: 200, payload: 'pong' }

describe('C7: the handler of a method', () => {
  it.each<[string, Call]>([
    ['throws', () => Promise.reject(new TypeError('simulated'))],
    ['throws what is no error', () => Promise.reject('simulated')],
    [
      'throws at once',
      () => {
        throw undefined
      },
    ],
    ['returns what JSON cannot carry', () => ({ n: 1n })],
  ])('that %s is answered with 500, and the device goes on', async (_what, call) => {
    await using device = await open({ call })
    expect(await device.hub.call('call')).toMatchObject({ status: 500, payload: { error: { code: 'HandlerFailed' } } })
    expect(await device.hub.call('ping')).toEqual(pong)
  })

  it('that never answers is answered for, and one that throws after that harms nobody', async () => {
    const late = gate()
    const call: Call = async () => {
      await late.promise
      throw new TypeError('too late')
    }
    await using device = await open({ call }, { methodTimeoutInMs: 20 })
    expect(await device.hub.call('call')).toMatchObject({ status: 500, payload: { error: { code: 'HandlerTimeout' } } })
    late.open()
    expect(await device.hub.call('ping')).toEqual(pong)
  })

  it('that blocks the event loop delays the others, who are answered all the same', async () => {
    await using device = await open({ call: blocking }, { methodTimeoutInMs: 50 })
    const answers = await Promise.all([device.hub.call('ping'), device.hub.call('call'), device.hub.call('ping')])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  })
})

const failed = (hub: MemoryHub) => until(() => operationSection(hub.reported, 'work').state === 'failed')

const careless: Work = async op => {
  void op.step('unwatched', () => Promise.reject(new TypeError('nobody hears')))
  void op.restart(() => Promise.reject(new TypeError('nobody hears')))
  void op.deferUntil(new Date(Number.NaN))
  void op.requestRenewed()
  void op.step('', () => {})
  throw new TypeError('simulated')
}

describe('C7: the handler of an action', () => {
  it('that lets a step go unwatched, and throws, does not end the process', async () => {
    await using device = await open({ work: careless })
    await device.hub.call('work', { operationId: 'op' })
    await failed(device.hub)
    expect(operationSection(device.hub.reported, 'work').error).toMatchObject({ code: 'HandlerFailed' })
    expect(await device.hub.call('ping')).toEqual(pong)
  })

  it('that returns 64 MB fails with InvalidResult', async () => {
    await using device = await open({ work: () => 'x'.repeat(64 * 1024 * 1024) })
    await device.hub.call('work', { operationId: 'op' })
    await failed(device.hub)
    expect(operationSection(device.hub.reported, 'work').error).toMatchObject({ code: 'InvalidResult' })
    expect(device.errors).toEqual([expect.any(RangeError)])
  })

  it('that never ends holds up neither methods nor the closing of the agent', async () => {
    const begun = gate()
    const work: Work = () => {
      begun.open()
      return new Promise(() => {})
    }
    await using device = await open({ work }, { windUpTimeoutInMs: 0 })
    await device.hub.call('work', { operationId: 'op' })
    await begun.promise
    expect(await device.hub.call('ping')).toEqual(pong)
    expect(await device.hub.call('cancelOperation', { operationId: 'op' })).toMatchObject({ status: 200 })
    await until(() => operationSection(device.hub.reported, 'work').state === 'cancelled')
  })
})

describe('C5: a flood', () => {
  it('of 10,000 calls is answered with 429 beyond a bound, takes no memory, and is over at once', async () => {
    const go = gate()
    await using device = await open({
      call: async () => {
        await go.promise
      },
    })
    const payload = 'x'.repeat(10_000)
    const before = liveBytes()
    const statuses = new Map<number, number>()
    const answers: Promise<unknown>[] = []
    for (let n = 0; n < 10_000; n += 1) {
      const answer = device.hub.call('call', payload)
      answers.push(answer.then(({ status }) => statuses.set(status, (statuses.get(status) ?? 0) + 1)))
    }
    await until(() => statuses.get(429) === 10_000 - 64)
    expect(liveBytes() - before).toBeLessThan(20 * 1024 * 1024)
    go.open()
    await Promise.all(answers)
    expect(statuses).toEqual(
      new Map([
        [429, 10_000 - 64],
        [200, 64],
      ]),
    )
    expect(await device.hub.call('ping')).toEqual(pong)
  })

  it('of operations is bounded by the queue', async () => {
    const go = gate()
    const work: Work = () => go.promise
    await using device = await open({ work }, { whenBusy: 'queue', maxConcurrentMethods: 1_000 })
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, n) => (await device.hub.call('work', { operationId: `op-${n}` })).status),
    )
    expect(statuses.filter(status => status === 202)).toHaveLength(11)
    expect(statuses.filter(status => status === 429)).toHaveLength(189)
    go.open()
    await until(() => operationSection(device.hub.reported, 'work').operationId === 'op-10')
    await until(() => operationSection(device.hub.reported, 'work').state === 'succeeded')
  })
})
