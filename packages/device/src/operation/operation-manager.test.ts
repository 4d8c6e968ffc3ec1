import { action, defineContract, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate, startLife, temporaryDirectory, until } from '../../test/simulated-life.ts'
import type { ActionHandler } from '../implementation/handlers.ts'
import { type Implementation, implement } from '../implementation/implement.ts'

const contract = defineContract({
  actions: {
    reboot,
    work: action({
      request: v.object({ target: v.optional(v.number()) }),
      result: v.optional(v.number()),
      errors: ['sensorFault'],
    }),
  },
})

function implementing(
  work: ActionHandler<typeof contract.actions.work>,
  restart: ActionHandler<typeof contract.actions.reboot> = op => op.restart(() => {}),
): Implementation {
  return implement(contract, { actions: { reboot: restart, work } })
}

const answer42 = implementing(() => 42)
const hanging = implementing(() => new Promise<never>(() => {}))

describe('begin', () => {
  it('answers 202 once the operation is on disk, and begins after that', async () => {
    await using directory = await temporaryDirectory()
    const order: string[] = []
    const life = await startLife({
      implementation: implementing(() => void order.push('begun')),
      directory: directory.path,
    })
    const answer = await life.begin('work', { operationId: 'op' })
    order.push('answered')
    expect(answer).toEqual({ status: 202, payload: { operationId: 'op', state: 'accepted' } })
    await life.reached('succeeded')
    expect(order).toEqual(['answered', 'begun'])
    await life.close()
  })

  it('makes an operation id where there is none', async () => {
    const life = await startLife({ implementation: answer42, fileSystem: new SimulatedDisk() })
    const answer = await life.begin('work')
    expect(answer).toEqual({
      status: 202,
      payload: { operationId: expect.stringMatching(/^[\w-]{36}$/), state: 'accepted' },
    })
    await life.close()
  })

  it('answers the same id again and runs it once: at once, during, after, and in a later life', async () => {
    await using directory = await temporaryDirectory()
    let runs = 0
    const go = gate()
    const implementation = implementing(async () => {
      runs += 1
      await go.promise
      return 42
    })
    const life = await startLife({ implementation, directory: directory.path })
    const request = { operationId: 'op', target: 1 }
    const answers = await Promise.all([life.begin('work', request), life.begin('work', request)])
    expect(answers.map(({ status }) => status)).toEqual([202, 202])
    await life.reached('running')
    expect(await life.begin('work', request)).toEqual({ status: 202, payload: { operationId: 'op', state: 'running' } })
    go.open()
    await life.reached('succeeded')
    const stored = { status: 200, payload: { operationId: 'op', state: 'succeeded', result: 42 } }
    expect(await life.begin('work', request)).toEqual(stored)
    await life.close()
    const later = await startLife({ implementation, directory: directory.path })
    later.manager.resume()
    expect(await later.begin('work', { target: 1, operationId: 'op' })).toEqual(stored)
    expect(runs).toBe(1)
    await later.close()
  })

  it.each([
    ['another request', 'work', { operationId: 'op', target: 2 }],
    ['another action', 'reboot', { operationId: 'op', target: 1 }],
  ])('refuses an id that belongs to %s', async (_name, name, request) => {
    const fileSystem = new SimulatedDisk()
    const life = await startLife({ implementation: answer42, fileSystem })
    await life.begin('work', { operationId: 'op', target: 1 })
    await life.reached('succeeded')
    const conflict = {
      status: 409,
      payload: {
        error: {
          code: 'OperationConflict',
          message: expect.any(String),
          operation: { action: 'work', operationId: 'op', state: 'succeeded' },
        },
      },
    }
    expect(await life.begin(name, request)).toEqual(conflict)
    await life.close()
    const later = await startLife({ implementation: answer42, fileSystem })
    expect(await later.begin(name, request)).toEqual(conflict)
    await later.close()
  })

  it('refuses another operation while one is under way, and says which', async () => {
    const life = await startLife({ implementation: hanging, fileSystem: new SimulatedDisk() })
    const [first, second] = await Promise.all([
      life.begin('work', { operationId: 'op' }),
      life.begin('reboot', { operationId: 'op-2' }),
    ])
    expect(first.status).toBe(202)
    expect(second).toMatchObject({
      status: 409,
      payload: { error: { code: 'Busy', operation: { action: 'work', operationId: 'op', state: 'accepted' } } },
    })
    expect(life.store.get('op-2')).toBeUndefined()
  })

  it.each([
    ['an id that is none', { operationId: 'a b' }, 400, 'InvalidPayload'],
    ['an expiry that is none', { expiresAt: 'tomorrow' }, 400, 'InvalidPayload'],
    ['a request that breaks its schema', { target: 'x' }, 400, 'InvalidPayload'],
    ['an expiry that has passed', { expiresAt: '1969-12-31T23:59:59Z' }, 410, 'Expired'],
    ['an expiry of this moment', { expiresAt: '1970-01-01T00:00:00Z' }, 410, 'Expired'],
  ])('refuses %s, and keeps nothing', async (_name, payload, status, code) => {
    const life = await startLife({ implementation: answer42, fileSystem: new SimulatedDisk() })
    expect(await life.begin('work', payload)).toMatchObject({ status, payload: { error: { code } } })
    expect(life.store.newest().size).toBe(0)
    await life.close()
  })

  it('begins nothing that the disk refused, and the next one works', async () => {
    let full = false
    const fileSystem = new SimulatedDisk({ fault: call => (full && call === 'write' ? 'ENOSPC' : undefined) })
    let runs = 0
    const implementation = implementing(() => {
      runs += 1
    })
    const life = await startLife({ implementation, fileSystem })
    full = true
    await expect(life.begin('work', { operationId: 'op' })).rejects.toMatchObject({ code: 'PersistenceFailed' })
    full = false
    expect((await life.begin('work', { operationId: 'op-2' })).status).toBe(202)
    await life.reached('succeeded', 'op-2')
    expect(life.store.get('op')).toBeUndefined()
    expect(runs).toBe(1)
    await life.close()
    const later = await startLife({ implementation, fileSystem })
    expect(later.store.get('op')).toBeUndefined()
    await later.close()
  })
})

describe('cancel', () => {
  it('ends an operation before its handler begins', async () => {
    let runs = 0
    const implementation = implementing(() => {
      runs += 1
    })
    const life = await startLife({ implementation, fileSystem: new SimulatedDisk() })
    await life.begin('work', { operationId: 'op' })
    expect(await life.manager.cancel('op')).toEqual({ status: 200, payload: { operationId: 'op', state: 'accepted' } })
    await life.reached('cancelled')
    expect(runs).toBe(0)
    expect(await life.manager.cancel('op')).toEqual({ status: 200, payload: { operationId: 'op', state: 'cancelled' } })
    await life.close()
  })

  it('ends one that waits', async () => {
    const life = await startLife({ implementation: answer42, fileSystem: new SimulatedDisk() })
    await life.begin('reboot', { operationId: 'op', delaySeconds: 60 })
    await until(() => life.clock.pendingTimers === 1)
    expect((await life.manager.cancel('op')).payload).toEqual({ operationId: 'op', state: 'waiting' })
    await life.reached('cancelled')
    expect(life.clock.pendingTimers).toBe(0)
    await life.close()
  })

  it('gives one that runs its signal, and lets it wind up', async () => {
    const begun = gate()
    const windUp = gate()
    const implementation = implementing(async op => {
      begun.open()
      await new Promise(resolve => op.signal.addEventListener('abort', resolve))
      await windUp.promise
      await op.step('not any more', () => {})
    })
    const life = await startLife({ implementation, fileSystem: new SimulatedDisk() })
    await life.begin('work', { operationId: 'op' })
    await begun.promise
    expect((await life.manager.cancel('op')).payload).toEqual({ operationId: 'op', state: 'running' })
    expect((await life.manager.cancel('op')).status).toBe(200)
    expect(life.state()).toBe('running')
    windUp.open()
    await life.reached('cancelled')
    expect(life.errors).toEqual([])
    await life.close()
  })

  it('leaves the last word to a handler that ends all the same', async () => {
    const begun = gate()
    const go = gate()
    const implementation = implementing(async () => {
      begun.open()
      await go.promise
      return 42
    })
    const life = await startLife({ implementation, fileSystem: new SimulatedDisk() })
    await life.begin('work', { operationId: 'op' })
    await begun.promise
    await life.manager.cancel('op')
    go.open()
    await life.reached('succeeded')
    await life.close()
  })

  it('is not forgotten in a crash: the handler runs once more to wind up', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await startLife({ implementation: hanging, fileSystem })
    await first.begin('work', { operationId: 'op' })
    await first.reached('running')
    await first.manager.cancel('op')
    const lives: boolean[] = []
    const implementation = implementing(async op => {
      lives.push(op.signal.aborted)
      await op.step('s', () => {})
    })
    const life = await startLife({ implementation, fileSystem })
    life.manager.resume()
    await life.reached('cancelled')
    expect(lives).toEqual([true])
    await life.close()
  })

  it('is refused once the device restarts, and once the operation is over', async () => {
    const fileSystem = new SimulatedDisk()
    const implementation = implementing(() => 42)
    const first = await startLife({ implementation, fileSystem })
    await first.begin('reboot', { operationId: 'op' })
    await first.reached('restarting')
    expect(await first.manager.cancel('op')).toMatchObject({
      status: 409,
      payload: {
        error: { code: 'NotCancellable', operation: { action: 'reboot', operationId: 'op', state: 'restarting' } },
      },
    })
    const life = await startLife({ implementation, fileSystem, bootId: 'boot-2' })
    life.manager.resume()
    await life.reached('succeeded')
    expect(await life.manager.cancel('op')).toMatchObject({
      status: 409,
      payload: { error: { code: 'NotCancellable' } },
    })
    await life.close()
  })

  it('comes before the restart or is refused, whichever is first on disk', async () => {
    const statuses = new Set<number>()
    for (let turns = 0; turns < 20; turns += 1) {
      let restarts = 0
      const implementation = implementing(
        () => 42,
        op =>
          op.restart(() => {
            restarts += 1
          }),
      )
      const life = await startLife({ implementation, fileSystem: new SimulatedDisk() })
      const running = new Promise<void>(resolve => {
        life.store.onChange(({ record }) => record.state === 'running' && resolve())
      })
      await life.begin('reboot', { operationId: 'op' })
      await running
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      const { status } = await life.manager.cancel('op')
      statuses.add(status)
      if (status === 200) {
        await life.reached('cancelled')
        expect(restarts).toBe(0)
      } else {
        await until(() => restarts === 1)
        expect(life.state()).toBe('restarting')
      }
      await life.close()
    }
    expect(statuses).toEqual(new Set([200, 409]))
  })

  it('knows only its own operations', async () => {
    const life = await startLife({ implementation: answer42, fileSystem: new SimulatedDisk() })
    for (const operationId of ['other', '__proto__', 'constructor']) {
      expect(await life.manager.cancel(operationId)).toMatchObject({
        status: 404,
        payload: { error: { code: 'OperationNotFound' } },
      })
    }
    await life.close()
  })
})

describe('close', () => {
  it('ends this life of a handler, which goes on in the next', async () => {
    const fileSystem = new SimulatedDisk()
    const reasons: unknown[] = []
    const begun = gate()
    const first = await startLife({
      implementation: implementing(async op => {
        begun.open()
        await new Promise(resolve => op.signal.addEventListener('abort', resolve))
        reasons.push(op.signal.reason)
        await op.step('s', () => {})
      }),
      fileSystem,
    })
    await first.begin('work', { operationId: 'op' })
    await begun.promise
    await first.close()
    expect(reasons).toEqual([expect.objectContaining({ code: 'AgentClosed' })])
    expect(first.errors).toEqual([])
    expect(first.state()).toBe('running')
    const life = await startLife({ implementation: answer42, fileSystem })
    life.manager.resume()
    await life.reached('succeeded')
    await life.close()
  })

  it('refuses what comes after it', async () => {
    const life = await startLife({ implementation: answer42, fileSystem: new SimulatedDisk() })
    await life.close()
    expect(await life.begin('work')).toMatchObject({ status: 503, payload: { error: { code: 'NotReady' } } })
    expect(await life.manager.cancel('op')).toMatchObject({ status: 503, payload: { error: { code: 'NotReady' } } })
  })

  it('leaves an operation that was just accepted to the next life', async () => {
    const fileSystem = new SimulatedDisk()
    let runs = 0
    const implementation = implementing(() => {
      runs += 1
    })
    const life = await startLife({ implementation, fileSystem })
    const answer = life.begin('work', { operationId: 'op' })
    await Promise.resolve()
    await life.close()
    expect((await answer).status).toBe(202)
    await new Promise(resolve => setImmediate(resolve))
    expect(runs).toBe(0)
    const next = await startLife({ implementation, fileSystem })
    next.manager.resume()
    await next.reached('succeeded')
    expect(runs).toBe(1)
    await next.close()
  })

  it('ends a wait at once, and keeps no timer', async () => {
    const life = await startLife({ implementation: answer42, fileSystem: new SimulatedDisk() })
    await life.begin('reboot', { operationId: 'op', delaySeconds: 60 })
    await until(() => life.clock.pendingTimers === 1)
    await life.close()
    expect(life.clock.pendingTimers).toBe(0)
    expect(life.state()).toBe('waiting')
  })
})
