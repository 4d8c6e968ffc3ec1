import { ManualClock } from '@iothub-dm/local-hub'
import { action, defineContract, type JsonValue, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate, type LifeOptions, type SimulatedLife, startLife, until } from '../../test/simulated-life.ts'
import type { ActionHandler } from '../implementation/handlers.ts'
import { type Implementation, implement } from '../implementation/implement.ts'
import type { Operation } from './operation.ts'

const contract = defineContract({
  actions: {
    reboot,
    work: action({
      request: v.object({ target: v.optional(v.number()) }),
      // not typed, so that handlers can break it
      result: v.custom<unknown>(value => typeof value === 'object' && value !== null && 'offset' in value),
      errors: ['sensorFault'],
    }),
  },
})

type Handle<TName extends keyof typeof contract.actions> = ActionHandler<(typeof contract.actions)[TName]>

function implementing(handlers: { reboot?: Handle<'reboot'>; work?: Handle<'work'> }): Implementation {
  const { reboot: restarts = () => {}, work = () => ({ offset: 0 }) } = handlers
  return implement(contract, { actions: { reboot: restarts, work } })
}

/** A life that goes on with what is unfinished. */
async function resume(options: LifeOptions): Promise<SimulatedLife> {
  const life = await startLife(options)
  life.manager.resume()
  return life
}

/** Runs a handler of `work` to its end and tells the record. */
async function outcomeOf(work: Handle<'work'>, fileSystem = new SimulatedDisk()) {
  const life = await startLife({ implementation: implementing({ work }), fileSystem })
  await life.begin('work', { operationId: 'op' })
  await until(() => life.store.unfinished().length === 0)
  const { errors } = life
  const record = life.store.get('op')?.record
  await life.close()
  return { record, errors }
}

describe('the end of an operation', () => {
  it('is the result that the handler returns', async () => {
    const { record, errors } = await outcomeOf(() => ({ offset: 2 }))
    expect(record).toMatchObject({ state: 'succeeded', result: { offset: 2 } })
    expect(errors).toEqual([])
  })

  it('is failed with the own code of the action', async () => {
    const { record, errors } = await outcomeOf(op => op.fail('sensorFault', `broken ${'x'.repeat(200)}`))
    expect(record).toMatchObject({ state: 'failed', error: { code: 'sensorFault', retryable: false } })
    expect(record?.error?.message).toHaveLength(128)
    expect(errors).toEqual([])
  })

  it('is failed with no word of what the handler threw', async () => {
    const thrown = new TypeError('SharedAccessKey=secret')
    const { record, errors } = await outcomeOf(() => {
      throw thrown
    })
    expect(record?.error).toEqual({
      code: 'HandlerFailed',
      message: 'the handler of the action failed',
      retryable: false,
    })
    expect(errors).toEqual([thrown])
  })

  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  it.each<[string, unknown]>([
    ['no result', undefined],
    ['another shape', { other: 1 }],
    ['null inside', { offset: null }],
    ['a class instance', { offset: new Date(0) }],
    ['a cycle', { offset: cycle }],
    ['not a number', { offset: Number.NaN }],
    ['a key that a twin cannot hold', { offset: { 'a.b': 1 } }],
    ['more than a twin holds', { offset: Array.from({ length: 4_000 }, () => 'x'.repeat(10)) }],
  ])('is InvalidResult for %s', async (_name, value) => {
    const { record, errors } = await outcomeOf(() => value)
    expect(record).toMatchObject({ state: 'failed', error: { code: 'InvalidResult' } })
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining("result of action 'work'") })])
  })

  it('is failed when the handler does not wait for its restart', async () => {
    const { record } = await outcomeOf(async op => {
      void op.restart(() => {}).catch(() => {})
      await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
      return { offset: 1 }
    })
    expect(record?.error).toMatchObject({ code: 'HandlerFailed' })
  })

  it('is failed for a reboot without a restart', async () => {
    const life = await startLife({ implementation: implementing({}), fileSystem: new SimulatedDisk() })
    await life.begin('reboot', { operationId: 'op' })
    await life.reached('failed')
    expect(life.store.get('op')?.record.error?.code).toBe('RestartNotObserved')
    await life.close()
  })

  it('is written again and again until the disk takes it', async () => {
    let full = false
    const fileSystem = new SimulatedDisk({ fault: call => (full && call === 'write' ? 'ENOSPC' : undefined) })
    const implementation = implementing({
      work: () => {
        full = true
        return { offset: 3 }
      },
    })
    const life = await startLife({ implementation, fileSystem })
    await life.begin('work', { operationId: 'op' })
    for (const [failures, waitInMs] of [
      [1, 1_000],
      [2, 2_000],
      [3, 4_000],
    ] as const) {
      await until(() => life.errors.length === failures && life.clock.pendingTimers === 1)
      life.clock.advance(waitInMs - 1)
      expect(life.state()).toBe('running')
      if (failures === 3) full = false
      life.clock.advance(1)
    }
    await life.reached('succeeded')
    expect(life.store.get('op')?.record.result).toEqual({ offset: 3 })
    await life.close()
  })

  it('is found again in the next life when the agent closes before the disk takes it', async () => {
    let full = false
    const fileSystem = new SimulatedDisk({ fault: call => (full && call === 'write' ? 'EIO' : undefined) })
    const implementation = implementing({
      work: op =>
        op
          .step('measure', () => ({ offset: 4 }))
          .then(result => {
            full = op.attempt === 1
            return result
          }),
    })
    const life = await startLife({ implementation, fileSystem })
    await life.begin('work', { operationId: 'op' })
    await until(() => life.errors.length === 1 && life.clock.pendingTimers === 1)
    await life.close()
    full = false
    const next = await resume({ implementation, fileSystem })
    await next.reached('succeeded')
    expect(next.store.get('op')?.record).toMatchObject({ attempt: 2, result: { offset: 4 } })
    await next.close()
  })

  it('is failed when a step cannot be written', async () => {
    let full = false
    const fileSystem = new SimulatedDisk({ fault: call => (full && call === 'sync' ? 'EIO' : undefined) })
    const implementation = implementing({
      work: async op => {
        await op.step('s', () => {
          full = true
        })
        return { offset: 0 }
      },
    })
    const life = await startLife({ implementation, fileSystem })
    await life.begin('work', { operationId: 'op' })
    await until(() => life.clock.pendingTimers === 1)
    full = false
    life.clock.advance(1_000)
    await life.reached('failed')
    expect(life.store.get('op')?.record.error).toMatchObject({ code: 'PersistenceFailed', retryable: true })
    await life.close()
  })
})

const restart: Handle<'reboot'> = op => op.restart(() => {})

describe('a delay', () => {
  it('holds the operation in waiting', async () => {
    const life = await startLife({ implementation: implementing({ reboot: restart }), fileSystem: new SimulatedDisk() })
    await life.begin('reboot', { operationId: 'op', delaySeconds: 60 })
    await until(() => life.clock.pendingTimers === 1)
    expect(life.store.get('op')?.record).toMatchObject({
      state: 'waiting',
      detail: 'starts at 1970-01-01T00:01:00.000Z',
    })
    life.clock.advance(59_999)
    expect(life.state()).toBe('waiting')
    life.clock.advance(1)
    await life.reached('restarting')
    await life.close()
  })

  it('goes on after a restart in the wait, for the rest of it', async () => {
    const options = { implementation: implementing({ reboot: restart }), fileSystem: new SimulatedDisk() }
    const first = await startLife(options)
    await first.begin('reboot', { operationId: 'op', delaySeconds: 60 })
    await until(() => first.clock.pendingTimers === 1)
    const life = await resume({ ...options, clock: new ManualClock(40_000), bootId: 'boot-2' })
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(19_999)
    expect(life.state()).toBe('waiting')
    life.clock.advance(1)
    await life.reached('restarting')
    await life.close()
  })

  it('is not longer than asked for when the clock was set back', async () => {
    const options = { implementation: implementing({ reboot: restart }), fileSystem: new SimulatedDisk() }
    const first = await startLife(options)
    first.clock.advance(3_600_000)
    await first.begin('reboot', { operationId: 'op', delaySeconds: 60 })
    await first.reached('waiting')
    const life = await resume(options)
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(60_000)
    await life.reached('restarting')
    await life.close()
  })

  it('in which the request expires ends the operation as expired', async () => {
    const life = await startLife({ implementation: implementing({ reboot: restart }), fileSystem: new SimulatedDisk() })
    await life.begin('reboot', { operationId: 'op', delaySeconds: 60, expiresAt: '1970-01-01T00:00:30Z' })
    await life.reached('waiting')
    life.clock.advance(29_999)
    expect(life.state()).toBe('waiting')
    life.clock.advance(1)
    await life.reached('expired')
    expect(life.store.get('op')?.record.error?.code).toBe('Expired')
    await life.close()
  })
})

const hang = () => new Promise<never>(() => {})

/** A life that is killed in the middle of the handler. */
async function cutOff(fileSystem: SimulatedDisk, payload: Record<string, JsonValue> = {}): Promise<void> {
  const begun = gate()
  const work: Handle<'work'> = () => {
    begun.open()
    return hang()
  }
  const life = await startLife({ implementation: implementing({ work }), fileSystem })
  await life.begin('work', { operationId: 'op', ...payload })
  await begun.promise
}

describe('an operation from an earlier life', () => {
  it('does not expire once it has begun', async () => {
    const fileSystem = new SimulatedDisk()
    await cutOff(fileSystem, { expiresAt: '1970-01-01T00:00:30Z' })
    const life = await startLife({ implementation: implementing({}), fileSystem })
    life.clock.advance(3_600_000)
    life.manager.resume()
    await life.reached('succeeded')
    await life.close()
  })

  it('expires when it had only been accepted', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await startLife({ implementation: implementing({}), fileSystem })
    await first.begin('work', { operationId: 'op', expiresAt: '1970-01-01T00:00:30Z' })
    const life = await startLife({ implementation: implementing({ work: hang }), fileSystem })
    life.clock.advance(30_000)
    life.manager.resume()
    await life.reached('expired')
    await life.close()
  })

  it('ends when the software knows the action no longer', async () => {
    const fileSystem = new SimulatedDisk()
    await cutOff(fileSystem)
    const life = await resume({ implementation: implement(defineContract({}), {}), fileSystem })
    await life.reached('failed')
    expect(life.store.get('op')?.record.error?.code).toBe('UnknownAction')
    await life.close()
  })

  const stricter = v.object({ target: v.string() })
  const throwing = v.pipe(
    v.object({}),
    v.transform(() => {
      throw new TypeError('no')
    }),
  )
  it.each([
    ['that its request breaks', defineContract({ actions: { work: action({ request: stricter }) } }), 'InvalidRequest'],
    ['that throws', defineContract({ actions: { work: action({ request: throwing }) } }), 'InvalidRequest'],
  ])('ends when the software has a schema %s', async (_name, changed, code) => {
    const fileSystem = new SimulatedDisk()
    await cutOff(fileSystem, { target: 1 })
    const life = await resume({ implementation: implement(changed, { actions: { work: hang } }), fileSystem })
    await life.reached('failed')
    expect(life.store.get('op')?.record.error?.code).toBe(code)
    await life.close()
  })

  it('is given up after maxAttempts lives that got no further', async () => {
    const fileSystem = new SimulatedDisk()
    await cutOff(fileSystem)
    let lives = 1
    const work = (op: Operation) => {
      lives = op.attempt
      return hang()
    }
    for (const attempt of [2, 3]) {
      await resume({ implementation: implementing({ work }), fileSystem })
      await until(() => lives === attempt)
    }
    const life = await resume({ implementation: implementing({ work }), fileSystem })
    await life.reached('failed')
    expect(life.store.get('op')?.record).toMatchObject({ attempt: 3, error: { code: 'TooManyAttempts' } })
    expect(lives).toBe(3)
    await life.close()
  })

  it('may take any number of lives when each gets further', async () => {
    const fileSystem = new SimulatedDisk()
    let reached = 0
    const work: Handle<'work'> = async op => {
      for (let index = 1; index <= op.attempt; index += 1) await op.step(`step ${index}`, () => {})
      reached = op.attempt
      return op.attempt < 8 ? hang() : { offset: op.attempt }
    }
    const implementation = implementing({ work })
    let life = await startLife({ implementation, fileSystem, maxAttempts: 2 })
    await life.begin('work', { operationId: 'op' })
    for (let attempt = 1; attempt < 8; attempt += 1) {
      await until(() => reached === attempt)
      life = await resume({ implementation, fileSystem, maxAttempts: 2 })
    }
    await life.reached('succeeded')
    await life.close()
  })
})
