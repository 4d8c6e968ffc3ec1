import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { type LifeOptions, type SimulatedLife, startLife } from '../../test/simulated-life.ts'
import { twoActions } from '../../test/two-actions.ts'
import type { OperationOptions } from './operation-options.ts'

const minute = 60_000
const penalty = { failures: 3, periodInMs: 10 * minute, durationInMs: 60 * minute }

/** A device whose action `work` fails unless its target is 1. */
async function failing(options: Partial<LifeOptions> & { readonly operations?: OperationOptions } = {}) {
  const implementation = twoActions(op => {
    if (op.request.target !== 1) throw new TypeError('simulated')
  })
  const life = await startLife({ implementation, fileSystem: new SimulatedDisk(), operations: { penalty }, ...options })
  life.manager.resume()
  return life
}

async function fail(life: SimulatedLife, operationId: string): Promise<void> {
  expect(await life.begin('work', { operationId })).toMatchObject({ status: 202 })
  await life.reached('failed', operationId)
}

function refusedUntil(time: string) {
  const message = `the action failed too often; try again after ${time}`
  return { status: 429, payload: { error: { code: 'TooManyFailures', message } } }
}

describe('an action that fails again and again', () => {
  it('is refused for a while, other actions are not', async () => {
    const life = await failing()
    for (const id of ['a', 'b', 'c']) await fail(life, id)
    expect(await life.begin('work', { operationId: 'd' })).toEqual(refusedUntil('1970-01-01T01:00:00.000Z'))
    expect(life.store.get('d')).toBeUndefined()
    expect(await life.begin('work', { operationId: 'c' })).toMatchObject({ status: 200 })
    expect(await life.begin('other', { operationId: 'e' })).toMatchObject({ status: 202 })
    life.clock.advance(60 * minute)
    await life.reached('succeeded', 'e')
    expect(await life.begin('work', { operationId: 'd', target: 1 })).toMatchObject({ status: 202 })
    await life.close()
  })

  it('is still refused after a restart, and after the journal was compacted', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await failing({ fileSystem })
    for (const id of ['a', 'b', 'c']) await fail(first, id)
    await first.close()
    const life = await failing({ fileSystem, clock: new ManualClock(59 * minute) })
    expect(await life.begin('work')).toEqual(refusedUntil('1970-01-01T01:00:00.000Z'))
    await life.close()
  })

  it('is not refused when the failures are further apart, or a success lies between them', async () => {
    const life = await failing()
    await fail(life, 'a')
    life.clock.advance(6 * minute)
    await fail(life, 'b')
    life.clock.advance(6 * minute)
    await fail(life, 'c')
    await life.begin('work', { operationId: 'good', target: 1 })
    await life.reached('succeeded', 'good')
    await fail(life, 'd')
    await fail(life, 'e')
    expect(await life.begin('work', { operationId: 'f' })).toMatchObject({ status: 202 })
    await life.close()
  })

  it('is not refused for longer after a clock that was set back', async () => {
    const fileSystem = new SimulatedDisk()
    const first = await failing({ fileSystem, clock: new ManualClock(86_400_000) })
    for (const id of ['a', 'b', 'c']) await fail(first, id)
    await first.close()
    const life = await failing({ fileSystem, clock: new ManualClock(0) })
    await fail(life, 'd')
    await life.close()
  })

  it('is refused by default after the tenth failure within ten minutes, and never with `false`', async () => {
    for (const operations of [{}, { penalty: false }] as const) {
      const life = await failing({ operations })
      for (let n = 1; n <= 10; n += 1) await fail(life, `op-${n}`)
      expect(await life.begin('work')).toMatchObject({ status: operations.penalty === false ? 202 : 429 })
      await life.close()
    }
  })
})
