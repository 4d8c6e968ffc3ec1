import { readdir } from 'node:fs/promises'
import { ManualClock } from '@iothub-dm/local-hub'
import { action, defineContract, method, operationSection, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { MemoryHub } from '../../test/memory-hub.ts'
import { gate, temporaryDirectory, until } from '../../test/simulated-life.ts'
import type { ActionHandler } from '../implementation/handlers.ts'
import { type Implementation, implement } from '../implementation/implement.ts'
import { DeviceAgent } from './device-agent.ts'
import type { DeviceAgentOptions } from './device-agent-options.ts'

const contract = defineContract({
  methods: { ping: method({ response: v.literal('pong') }) },
  actions: { reboot, work: action({ phases: ['warming'] }) },
})

function implementing(work: ActionHandler<typeof contract.actions.work> = () => {}): Implementation {
  return implement(contract, { methods: { ping: () => 'pong' }, actions: { reboot: op => op.restart(() => {}), work } })
}

function makeAgent(hub: MemoryHub, options: DeviceAgentOptions, implementation = implementing()): DeviceAgent {
  return new DeviceAgent(implementation, { bootId: 'boot-1', ...options }, hub.connect)
}

/** The names of the files that are not locks. */
async function locks(directory: string): Promise<readonly string[]> {
  return (await readdir(directory)).filter(name => name.startsWith('lock.'))
}

const connectionString = `HostName=hub.example;DeviceId=cam-1;SharedAccessKey=${Buffer.from('secret').toString('base64')}`

describe('DeviceAgent', () => {
  it('answers, carries out, reports and tells', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    await using agent = makeAgent(hub, { stateDirectory: directory.path })
    const told: unknown[] = []
    agent.on('connected', () => told.push('connected'))
    agent.on('disconnected', reason => told.push(reason.message))
    agent.on('operation', change => told.push([change.action, change.record.state]))
    await agent.open()
    expect(await hub.call('ping')).toEqual({ status: 200, payload: 'pong' })
    expect((await hub.call('work', { operationId: 'op' })).status).toBe(202)
    await until(() => operationSection(hub.reported, 'work').state === 'succeeded')
    hub.renew()
    expect(told).toEqual([
      'connected',
      ['work', 'accepted'],
      ['work', 'running'],
      ['work', 'succeeded'],
      'simulated',
      'connected',
    ])
  })

  it('goes on with what an earlier life left unfinished, and answers for it', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    const options = { stateDirectory: directory.path }
    const first = makeAgent(hub, options)
    await first.open()
    await hub.call('reboot', { operationId: 'op' })
    await until(() => operationSection(hub.reported, 'reboot').state === 'restarting')
    await first.close()
    await using second = makeAgent(hub, { ...options, bootId: 'boot-2' })
    await second.open()
    await until(() => operationSection(hub.reported, 'reboot').state === 'succeeded')
    expect(await hub.call('reboot', { operationId: 'op' })).toEqual({
      status: 200,
      payload: { operationId: 'op', state: 'succeeded' },
    })
  })

  it('goes by the clock of its options', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    const clock = new ManualClock(0)
    await using agent = makeAgent(hub, { stateDirectory: directory.path, clock })
    await agent.open()
    await hub.call('reboot', { operationId: 'op', delaySeconds: 60 })
    await until(() => operationSection(hub.reported, 'reboot').state === 'waiting')
    expect(operationSection(hub.reported, 'reboot').acceptedTime).toBe('1970-01-01T00:00:00.000Z')
    clock.advance(60_000)
    await until(() => operationSection(hub.reported, 'reboot').state === 'restarting')
  })

  it('tells what a handler threw, and nobody has to listen', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    const failure = new TypeError('broken')
    const failing = implementing(() => {
      throw failure
    })
    await using agent = makeAgent(hub, { stateDirectory: directory.path }, failing)
    await agent.open()
    await hub.call('work', { operationId: 'op-1' })
    await until(() => operationSection(hub.reported, 'work').state === 'failed')
    const told: unknown[] = []
    agent.on('error', error => told.push(error))
    await hub.call('work', { operationId: 'op-2' })
    await until(() => told.length > 0)
    expect(told).toEqual([failure])
  })

  it('is not disturbed by a listener that throws, which is an uncaught exception of the program', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    await using agent = makeAgent(hub, { stateDirectory: directory.path })
    const uncaught: unknown[] = []
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', error => uncaught.push(error))
    try {
      const failure = new TypeError('listener')
      agent.on('operation', () => {
        throw failure
      })
      await agent.open()
      expect((await hub.call('work', { operationId: 'op' })).status).toBe(202)
      await until(() => operationSection(hub.reported, 'work').state === 'succeeded')
      expect(uncaught).toEqual([failure, failure, failure])
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of others) process.on('uncaughtException', listener)
    }
  })

  it('closes in any phase, more than once, and gives the directory back', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    const options = { stateDirectory: directory.path }
    await makeAgent(hub, options).close()

    const opening = makeAgent(hub, options)
    const opened = opening.open()
    await opening.close()
    await opened.catch(error => expect(error).toMatchObject({ code: 'ConnectionClosed' }))
    expect(await locks(directory.path)).toEqual([])

    const running = makeAgent(hub, options)
    await running.open()
    await Promise.all([running.close(), running.close()])
    await running.close()
    expect(hub.connected).toBe(false)
    expect(await locks(directory.path)).toEqual([])
  })

  it('does not wait for ever for a handler that does not heed its signal', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    const clock = new ManualClock(0)
    const begun = gate()
    const hanging = implementing(() => {
      begun.open()
      return new Promise<never>(() => {})
    })
    const agent = makeAgent(hub, { stateDirectory: directory.path, clock }, hanging)
    await agent.open()
    await hub.call('work', { operationId: 'op' })
    await begun.promise
    const closed = agent.close()
    await until(() => clock.pendingTimers > 0)
    clock.advance(5_000)
    await closed
    expect(await locks(directory.path)).toEqual([])
  })

  it('opens once', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    await using agent = makeAgent(hub, { stateDirectory: directory.path })
    await agent.open()
    await expect(agent.open()).rejects.toThrow(TypeError)
    await agent.close()
    await expect(agent.open()).rejects.toThrow(TypeError)
    const closed = makeAgent(hub, { stateDirectory: directory.path })
    await closed.close()
    await expect(closed.open()).rejects.toThrow(TypeError)
    expect(await locks(directory.path)).toEqual([])
  })

  it('gives the directory back when it cannot connect, or cannot start', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    hub.refusal = new TypeError('refused')
    await expect(makeAgent(hub, { stateDirectory: directory.path }).open()).rejects.toBe(hub.refusal)
    const broken = new DeviceAgent(implementing(), { stateDirectory: directory.path, bootId: 'boot-1' }, () => {
      throw new TypeError('no way to the hub')
    })
    await expect(broken.open()).rejects.toThrow('no way to the hub')
    expect(await locks(directory.path)).toEqual([])
  })

  it('is the only one on its state directory', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    await using agent = makeAgent(hub, { stateDirectory: directory.path })
    await agent.open()
    const other = makeAgent(hub, { stateDirectory: directory.path })
    await expect(other.open()).rejects.toMatchObject({ code: 'StateDirectoryLocked' })
    expect(await hub.call('ping')).toMatchObject({ status: 200 })
  })
})

describe('fromConnectionString', () => {
  it('refuses a bad connection string at once, and never shows the key', () => {
    const bad = connectionString.replace('HostName=hub.example;', '')
    const make = () => DeviceAgent.fromConnectionString(bad, implementing(), { stateDirectory: '/nowhere' })
    expect(make).toThrow(expect.objectContaining({ code: 'InvalidConnectionString' }))
    expect(make).toThrow(expect.objectContaining({ message: expect.not.stringContaining('c2VjcmV0') }))
  })

  it.each([
    [{ stateDirectory: '' }, 'stateDirectory: expected the path of a folder, got ""'],
    [{ maxAttempts: 0 }, 'maxAttempts: expected an integer from 1 to 2147483647, got 0'],
    [{ maxQueuedOperations: 21 }, 'maxQueuedOperations: expected an integer from 0 to 20, got 21'],
    [{ operationTimeoutInMs: 0 }, 'operationTimeoutInMs: expected an integer from 1 to 2147483647, got 0'],
    [{ windUpTimeoutInMs: -1 }, 'windUpTimeoutInMs: expected an integer from 0 to 2147483647, got -1'],
    [{ maxConcurrentMethods: 0 }, 'maxConcurrentMethods: expected an integer from 1 to 2147483647, got 0'],
    [
      { penalty: { failures: 101, periodInMs: 1, durationInMs: 1 } },
      'penalty.failures: expected an integer from 1 to 100, got 101',
    ],
    [{ methodTimeoutInMs: 2 ** 31 }, 'methodTimeoutInMs: expected an integer from 1 to 2147483647, got 2147483648'],
    [{ progressIntervalInMs: -1 }, 'progressIntervalInMs: expected an integer from 0 to 2147483647, got -1'],
    [{ keepAliveInSeconds: 0 }, 'keepAliveInSeconds must be an integer from 1 to 1177, not 0'],
  ])('refuses %j', (option, message) => {
    const options = { stateDirectory: '/nowhere', ...option }
    expect(() => DeviceAgent.fromConnectionString(connectionString, implementing(), options)).toThrow(message)
  })

  it.each([undefined, {}, implementing().contract])('refuses what implement has not made', implementation => {
    const options = { stateDirectory: '/nowhere' }
    // @ts-expect-error - a caller without types
    expect(() => DeviceAgent.fromConnectionString(connectionString, implementation, options)).toThrow(
      'implementation: expected what implement(contract, handlers) has made',
    )
  })

  it('does nothing before open', async () => {
    await using agent = DeviceAgent.fromConnectionString(connectionString, implementing(), {
      stateDirectory: '/nowhere',
    })
    expect(agent.listenerCount('error')).toBe(0)
  })
})
