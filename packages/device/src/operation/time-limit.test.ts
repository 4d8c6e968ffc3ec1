import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { heedless } from '../../test/heedless.ts'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { gate, type LifeOptions, type SimulatedLife, startLife, until } from '../../test/simulated-life.ts'
import { type Handling, twoActions } from '../../test/two-actions.ts'
import type { Operation } from './operation.ts'

const minute = 60_000

async function live(work: Handling, options: Partial<LifeOptions> = {}): Promise<SimulatedLife> {
  const life = await startLife({ implementation: twoActions(work), fileSystem: new SimulatedDisk(), ...options })
  life.manager.resume()
  return life
}

/** Ends when it is told to, and says what it was told. */
function heedful(op: Operation): Promise<never> {
  return new Promise((_resolve, reject) => {
    op.signal.addEventListener('abort', () => reject(op.signal.reason))
  })
}

const timedOut = { code: 'OperationTimedOut', message: 'the operation took longer than 60000 ms', retryable: true }

describe('the time limit of an operation', () => {
  it('aborts its signal and fails it', async () => {
    const life = await live({ handle: heedful, timeoutInMs: minute })
    await life.begin('work', { operationId: 'op' })
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(minute - 1)
    expect(life.state()).toBe('running')
    life.clock.advance(1)
    await life.reached('failed')
    expect(life.store.get('op')?.record.error).toEqual(timedOut)
    expect(life.clock.pendingTimers).toBe(0)
    await life.close()
  })

  it('is that of the agent where the action has none', async () => {
    const life = await live(heedful, { operations: { operationTimeoutInMs: minute } })
    await life.begin('work', { operationId: 'op' })
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(minute)
    await life.reached('failed')
    expect(life.store.get('op')?.record.error).toEqual(timedOut)
    await life.close()
  })

  it('ends a step that it is inside of, however long that may take', async () => {
    let reason: unknown
    const life = await live({
      handle: op =>
        op.step(
          'long',
          ({ signal }) =>
            new Promise(() => {
              signal.addEventListener('abort', () => {
                reason = signal.reason
              })
            }),
          { timeoutInMs: 10 * minute },
        ),
      timeoutInMs: minute,
    })
    await life.begin('work', { operationId: 'op' })
    await until(() => life.clock.pendingTimers === 2)
    life.clock.advance(minute)
    await life.reached('failed')
    expect(life.store.get('op')?.record.error).toEqual(timedOut)
    expect(reason).toMatchObject({ code: 'OperationTimedOut' })
    await life.close()
  })

  it('goes on across restarts', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await live({ handle: heedful, timeoutInMs: minute }, { fileSystem })
    await first.begin('work', { operationId: 'op' })
    await first.reached('running')
    const clock = new ManualClock(40_000)
    const life = await live({ handle: heedful, timeoutInMs: minute }, { fileSystem, clock })
    await until(() => clock.pendingTimers === 1)
    clock.advance(19_999)
    expect(life.state()).toBe('running')
    clock.advance(1)
    await life.reached('failed')
    await life.close()
  })

  it('that passed while the device was off is noticed at the next start: the handler winds up', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await live({ handle: heedful, timeoutInMs: minute }, { fileSystem })
    await first.begin('work', { operationId: 'op' })
    await first.reached('running')
    const seen: boolean[] = []
    const handle = async (op: Operation) => {
      seen.push(op.signal.aborted)
      await op.step('never', () => seen.push(false))
    }
    const life = await live({ handle, timeoutInMs: minute }, { fileSystem, clock: new ManualClock(minute) })
    await life.reached('failed')
    expect(life.store.get('op')?.record.error).toEqual(timedOut)
    expect(seen).toEqual([true])
    await life.close()
  })

  it('R16: runs on whatever time of day it is, and is not longer after a clock that was set back', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await live(
      { handle: heedful, timeoutInMs: minute },
      { fileSystem, clock: new ManualClock(86_400_000) },
    )
    await first.begin('work', { operationId: 'op' })
    await first.reached('running')
    const life = await live({ handle: heedful, timeoutInMs: minute }, { fileSystem, clock: new ManualClock(0) })
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(minute)
    await life.reached('failed')
    await life.close()
  })

  it('is not used up by a deferral', async () => {
    const handle = async (op: Operation) => {
      await op.deferUntil(new Date(10 * minute))
      await heedful(op)
    }
    const life = await live({ handle, timeoutInMs: minute })
    await life.begin('work', { operationId: 'op' })
    await life.reached('waiting')
    for (let passed = 0; passed < 10; passed += 1) {
      await until(() => life.clock.pendingTimers === 2)
      life.clock.advance(minute)
      await new Promise(resolve => setImmediate(resolve))
    }
    await life.reached('running')
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(minute)
    await life.reached('failed')
    expect(life.store.get('op')?.record.error).toEqual(timedOut)
    await life.close()
  })
})

describe('a handler that does not heed its signal', () => {
  const windUpTimeoutInMs = 30_000

  it.each(['cancelled', 'failed'] as const)('holds the device no longer than it is given: %s', async end => {
    const begun = gate()
    const work = { handle: heedless(begun), timeoutInMs: minute }
    const life = await live(work, { operations: { windUpTimeoutInMs } })
    await life.begin('work', { operationId: 'op' })
    await begun.promise
    if (end === 'cancelled') await life.manager.cancel('op')
    else life.clock.advance(minute)
    await until(() => life.clock.pendingTimers >= 1)
    life.clock.advance(windUpTimeoutInMs)
    await life.reached(end)
    expect(life.errors).toEqual([expect.objectContaining({ code: 'HandlerTimeout' })])
    expect(await life.begin('other', { operationId: 'next' })).toMatchObject({ status: 202 })
    await life.reached('succeeded', 'next')
    await life.close()
  })

  it('gets nothing done any more through its op', async () => {
    const begun = gate()
    const late = gate()
    const attempts: unknown[] = []
    const work = async (op: Operation) => {
      begun.open()
      await late.promise
      op.progress(50)
      await op.step('late', () => attempts.push('ran')).catch((error: unknown) => attempts.push(error))
    }
    const life = await live(work, { operations: { windUpTimeoutInMs } })
    await life.begin('work', { operationId: 'op' })
    await begun.promise
    await life.manager.cancel('op')
    await until(() => life.clock.pendingTimers === 1)
    life.clock.advance(windUpTimeoutInMs)
    await life.reached('cancelled')
    late.open()
    await until(() => attempts.length === 1)
    expect(attempts).toEqual([expect.objectContaining({ code: 'OperationCancelled' })])
    expect(life.store.get('op')?.steps.size).toBe(0)
    await life.close()
  })
})
