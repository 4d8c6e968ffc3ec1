import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate, type LifeOptions, type SimulatedLife, startLife, until } from '../../test/simulated-life.ts'
import { type Handling, twoActions } from '../../test/two-actions.ts'
import type { Operation } from './operation.ts'

/** A device whose action `work` is under way with operation `first`, which ends when it is let go or told to. */
async function busy(other: Handling, options: Partial<LifeOptions> = {}) {
  const go = gate()
  const order: string[] = []
  const work = async (op: Operation) => {
    order.push(`begins ${op.operationId}`)
    await Promise.race([go.promise, aborted(op.signal)])
    order.push(`ends ${op.operationId}`)
  }
  const life = await startLife({ implementation: twoActions(work, other), fileSystem: new SimulatedDisk(), ...options })
  await life.begin('work', { operationId: 'first' })
  await life.reached('running', 'first')
  return { life, go, order }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

const hang = () => new Promise<never>(() => {})
const taken = { status: 202, payload: { state: 'accepted' } }
const queueing = { operations: { whenBusy: 'queue' } } as const
const replacing = { operations: { whenBusy: 'replace' } } as const

function noted(order: string[]): Handling {
  return op => void order.push(`runs ${op.operationId}`)
}

describe("C6: whenBusy 'refuse'", () => {
  it('is the default: 409 Busy, told with what', async () => {
    const { life, go } = await busy(() => {})
    const operation = { action: 'work', operationId: 'first', state: 'running' }
    const refused = { status: 409, payload: { error: { code: 'Busy', operation } } }
    expect(await life.begin('other', { operationId: 'second' })).toMatchObject(refused)
    go.open()
    await life.reached('succeeded', 'first')
    expect(await life.begin('other', { operationId: 'second' })).toMatchObject(taken)
    await life.close()
  })
})

describe("C6: whenBusy 'queue'", () => {
  it('lets one wait for the other, in the order in which they came', async () => {
    const ran: string[] = []
    const { life, go } = await busy(noted(ran), queueing)
    expect(await life.begin('other', { operationId: 'second' })).toMatchObject(taken)
    expect(await life.begin('other', { operationId: 'third' })).toMatchObject(taken)
    await life.reached('waiting', 'third')
    expect(life.store.get('second')?.record.detail).toBe("waits for work 'first'")
    expect(ran).toEqual([])
    go.open()
    await life.reached('succeeded', 'third')
    expect(ran).toEqual(['runs second', 'runs third'])
    await life.close()
  })

  it('keeps the queue across restarts', async () => {
    const fileSystem = new SimulatedDisk()
    const { life: first } = await busy(() => {}, { ...queueing, fileSystem })
    await first.begin('other', { operationId: 'second' })
    await first.begin('other', { operationId: 'third' })
    await first.reached('waiting', 'third')
    const order: string[] = []
    const implementation = twoActions(noted(order), noted(order))
    const life = await startLife({ ...queueing, implementation, fileSystem })
    life.manager.resume()
    await life.reached('succeeded', 'third')
    expect(order).toEqual(['runs first', 'runs second', 'runs third'])
    await life.close()
  })

  it('closes while operations wait, and goes on with them in the next life', async () => {
    const fileSystem = new SimulatedDisk()
    const { life: first } = await busy(() => {}, { ...queueing, fileSystem })
    await first.begin('other', { operationId: 'second' })
    await first.reached('waiting', 'second')
    await first.close()
    const implementation = twoActions(() => {})
    const life = await startLife({ ...queueing, implementation, fileSystem })
    expect(life.state('second')).toBe('waiting')
    life.manager.resume()
    await life.reached('succeeded', 'second')
    await life.close()
  })

  it('takes an operation out that is cancelled, and lets the next one move up', async () => {
    const ran: string[] = []
    const { life, go } = await busy(noted(ran), queueing)
    await life.begin('other', { operationId: 'second' })
    await life.begin('other', { operationId: 'third' })
    await life.reached('waiting', 'third')
    expect(await life.manager.cancel('second')).toMatchObject({ status: 200 })
    await life.reached('cancelled', 'second')
    go.open()
    await life.reached('succeeded', 'third')
    expect(ran).toEqual(['runs third'])
    await life.close()
  })

  it('C4: lets an operation expire that waits too long, and never runs it', async () => {
    const ran: string[] = []
    const { life, go } = await busy(noted(ran), queueing)
    await life.begin('other', { operationId: 'second', expiresAt: '1970-01-01T00:01:00Z' })
    await life.reached('waiting', 'second')
    life.clock.advance(59_999)
    expect(life.state('second')).toBe('waiting')
    life.clock.advance(1)
    await life.reached('expired', 'second')
    go.open()
    await life.reached('succeeded', 'first')
    expect(ran).toEqual([])
    await life.close()
  })

  it('C4: does not run late what has expired while the device was off', async () => {
    const fileSystem = new SimulatedDisk()
    const { life: first } = await busy(() => {}, { ...queueing, fileSystem })
    await first.begin('other', { operationId: 'second', expiresAt: '1970-01-01T00:01:00Z' })
    await first.reached('waiting', 'second')
    const ran: string[] = []
    const implementation = twoActions(() => {}, noted(ran))
    const life = await startLife({ ...queueing, implementation, fileSystem, clock: new ManualClock(7_200_000) })
    life.manager.resume()
    await life.reached('expired', 'second')
    await life.reached('succeeded', 'first')
    expect(ran).toEqual([])
    await life.close()
  })

  it('C5: takes so many and no more', async () => {
    const { life, go } = await busy(() => {}, { operations: { whenBusy: 'queue', maxQueuedOperations: 2 } })
    expect(await life.begin('other', { operationId: 'second' })).toMatchObject(taken)
    expect(await life.begin('other', { operationId: 'third' })).toMatchObject(taken)
    expect(await life.begin('other', { operationId: 'fourth' })).toMatchObject({
      status: 429,
      payload: { error: { code: 'TooManyRequests', message: '2 operations are waiting already' } },
    })
    expect(await life.begin('other', { operationId: 'third' })).toMatchObject({ status: 202 })
    go.open()
    await life.reached('succeeded', 'third')
    expect(await life.begin('other', { operationId: 'fourth' })).toMatchObject(taken)
    await life.close()
  })

  it('is what an action may say for itself', async () => {
    const { life, go } = await busy({ handle: () => {}, whenBusy: 'queue' })
    expect(await life.begin('other', { operationId: 'second' })).toMatchObject(taken)
    expect(await life.begin('work', { operationId: 'third' })).toMatchObject({ status: 409 })
    go.open()
    await life.reached('succeeded', 'second')
    await life.close()
  })
})

describe("C6: whenBusy 'replace'", () => {
  it('cancels what is under way, and begins once that has ended', async () => {
    const { life, order } = await busy(op => void order.push(`runs ${op.operationId}`), replacing)
    expect(await life.begin('other', { operationId: 'second' })).toMatchObject(taken)
    await life.reached('succeeded', 'second')
    expect(life.state('first')).toBe('cancelled')
    expect(order).toEqual(['begins first', 'runs second'])
    await life.close()
  })

  it('replaces what is waiting too', async () => {
    const reached = gate()
    const life = await startLife({
      implementation: twoActions(async op => {
        if (op.operationId === 'first') {
          reached.open()
          await aborted(op.signal).catch(() => new Promise(resolve => setImmediate(resolve)))
        }
      }),
      fileSystem: new SimulatedDisk(),
      ...replacing,
    })
    await life.begin('work', { operationId: 'first' })
    await reached.promise
    await Promise.all(['second', 'third', 'fourth'].map(operationId => life.begin('work', { operationId })))
    await life.reached('succeeded', 'fourth')
    expect([life.state('second'), life.state('third')]).toEqual(['cancelled', 'cancelled'])
    await life.close()
  })

  it('does not replace what is past its point of no return', async () => {
    const past = gate()
    const go = gate()
    const implementation = twoActions(async op => {
      await op.pointOfNoReturn()
      past.open()
      await go.promise
    })
    const life = await startLife({ implementation, fileSystem: new SimulatedDisk(), ...replacing })
    await life.begin('work', { operationId: 'first' })
    await past.promise
    expect(await life.begin('other', { operationId: 'second' })).toMatchObject({
      status: 409,
      payload: { error: { code: 'Busy', operation: { operationId: 'first' } } },
    })
    expect(life.store.get('second')).toBeUndefined()
    go.open()
    await life.reached('succeeded', 'first')
    await life.close()
  })

  it('survives being killed before the one that is replaced has ended', async () => {
    const fileSystem = new SimulatedDisk()
    const begun = gate()
    const hanging = () => {
      begun.open()
      return new Promise<never>(() => {})
    }
    const first = await startLife({ implementation: twoActions(hanging), fileSystem, ...replacing })
    await first.begin('work', { operationId: 'first' })
    await begun.promise
    await first.begin('other', { operationId: 'second' })
    const winds: boolean[] = []
    const implementation = twoActions(async op => {
      winds.push(op.signal.aborted)
      op.signal.throwIfAborted()
    })
    const life = await startLife({ implementation, fileSystem, ...replacing })
    life.manager.resume()
    await life.reached('succeeded', 'second')
    expect(life.state('first')).toBe('cancelled')
    expect(winds).toEqual([true])
    await life.close()
  })
})

it('R5: a device that crashes while operations wait gets to each of them', async () => {
  const fileSystem = new SimulatedDisk()
  const crash = async (): Promise<SimulatedLife> => {
    const life = await startLife({ ...queueing, implementation: twoActions(hang), fileSystem })
    life.manager.resume()
    return life
  }
  const first = await crash()
  await first.begin('work', { operationId: 'first' })
  await first.begin('other', { operationId: 'second' })
  await first.reached('running', 'first')
  for (let attempt = 2; attempt <= 3; attempt += 1) {
    const life = await crash()
    await until(() => life.store.get('first')?.record.attempt === attempt)
  }
  const life = await crash()
  await life.reached('succeeded', 'second')
  expect(life.store.get('first')?.record.error?.code).toBe('TooManyAttempts')
  await life.close()
})
