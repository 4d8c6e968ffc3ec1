import { ManualClock } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { type LifeOptions, type SimulatedLife, startLife, until } from '../../test/simulated-life.ts'
import { twoActions } from '../../test/two-actions.ts'

const day = 86_400_000

/** A device that notes which operations it carries out. */
async function counting(ran: string[], options: Partial<LifeOptions>): Promise<SimulatedLife> {
  const implementation = twoActions(op => void ran.push(op.operationId))
  const life = await startLife({ implementation, fileSystem: new SimulatedDisk(), ...options })
  life.manager.resume()
  return life
}

async function run(life: SimulatedLife, ran: string[], operationId: string, more: { expiresAt?: string } = {}) {
  const before = ran.length
  expect(await life.begin('work', { operationId, ...more })).toMatchObject({ status: 202 })
  await until(() => ran.length > before && life.state(operationId) === 'succeeded')
}

describe('C3: an operation that is over', () => {
  it('never runs twice within a week, also after restarts, and its id is free again after that', async () => {
    const fileSystem = new SimulatedDisk()
    const ran: string[] = []
    let life = await counting(ran, { fileSystem })
    await run(life, ran, 'replayed')
    await run(life, ran, 'newest')
    for (let days = 1; days <= 7; days += 1) {
      await life.close()
      life = await counting(ran, { fileSystem, clock: new ManualClock(days * day) })
      expect(await life.begin('work', { operationId: 'replayed' })).toMatchObject({ status: 200 })
    }
    await life.close()
    life = await counting(ran, { fileSystem, clock: new ManualClock(7 * day + 1) })
    await run(life, ran, 'replayed')
    expect(ran).toEqual(['replayed', 'newest', 'replayed'])
    await life.close()
  })

  it('is remembered until its request has expired, when that is later', async () => {
    const fileSystem = new SimulatedDisk()
    const ran: string[] = []
    let life = await counting(ran, { fileSystem })
    await run(life, ran, 'replayed', { expiresAt: '1970-01-31T00:00:00Z' })
    await run(life, ran, 'newest')
    await life.close()
    life = await counting(ran, { fileSystem, clock: new ManualClock(30 * day) })
    const replay = { operationId: 'replayed', expiresAt: '1970-01-31T00:00:00Z' }
    expect(await life.begin('work', replay)).toMatchObject({ status: 200 })
    await life.close()
    life = await counting(ran, { fileSystem, clock: new ManualClock(30 * day + 1) })
    expect(await life.begin('work', replay)).toMatchObject({ status: 410 })
    expect(ran).toEqual(['replayed', 'newest'])
    await life.close()
  })

  it('is forgotten before that when there are too many, the oldest first, but never the newest of its action', async () => {
    const ran: string[] = []
    const life = await counting(ran, { retention: { periodInMs: 7 * day, maxOperations: 3 } })
    await life.begin('other', { operationId: 'other' })
    await life.reached('succeeded', 'other')
    for (const id of ['a', 'b', 'c', 'd', 'e']) await run(life, ran, id)
    expect(await life.begin('work', { operationId: 'e' })).toMatchObject({ status: 200 })
    expect(await life.begin('other', { operationId: 'other' })).toMatchObject({ status: 200 })
    await run(life, ran, 'a')
    await life.close()
  })
})
