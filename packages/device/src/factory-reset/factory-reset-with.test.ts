import { describe, expect, it } from 'vitest'
import { FactoryResetWorld, tokenOf } from '../../test/factory-reset-world.ts'
import { factoryResetWith } from './factory-reset-with.ts'
import { decodeSurvivors } from './survivors.ts'

const request = { level: 'data' }

describe('factoryResetWith', () => {
  it.each([false, true])(
    'wipes once, restarts, and knows of it afterwards; the wipe takes its state: %s',
    async wipesState => {
      const world = new FactoryResetWorld({ wipesState })
      expect(await world.reset(await world.live(), request)).toBeUndefined()
      expect(await world.disk.readFile('journal')).toSatisfy(file => (file === undefined) === wipesState)
      const life = await world.live()
      expect(await world.reset(life, request)).toMatchObject({
        operationId: 'op',
        state: 'succeeded',
        attempt: 2,
        result: { level: 'data', keep: [], epoch: 1 },
      })
      expect({ data: world.data, wipes: world.wipes, restarts: world.restarts }).toEqual({
        data: undefined,
        wipes: [1],
        restarts: 1,
      })
      expect(life.errors).toEqual([])
      // Asked again, it gives the stored answer.
      const again = await life.begin('factoryReset', { ...request, operationId: 'op' })
      expect(again).toMatchObject({ status: 200, payload: { state: 'succeeded' } })
    },
  )

  it('is not made without the hooks that it needs', () => {
    // @ts-expect-error - a caller without types
    expect(() => factoryResetWith({ wipe: () => {} })).toThrow('hooks.restart: expected a function, got undefined')
    // @ts-expect-error - a caller without types
    expect(() => factoryResetWith()).toThrow('hooks: expected an object with wipe, restart, got undefined')
  })

  it('leaves only the epoch outside once the hub has its end, and counts on', async () => {
    const world = new FactoryResetWorld({ wipesState: true })
    await world.reset(await world.live(), request)
    const life = await world.live()
    await world.reset(life, request)
    expect(decodeSurvivors(await world.spared.readFile('survival')).entries).not.toEqual([])
    await life.store.record({ type: 'reported', operationId: 'op' })
    expect(decodeSurvivors(await world.spared.readFile('survival'))).toEqual({ epoch: 1, entries: [] })
    const next = await world.live()
    expect(next.store.get('op')).toMatchObject({ reported: true, record: { state: 'succeeded' } })
    const { payload } = await next.begin('factoryReset', { level: 'settings', arm: true })
    await next.begin('factoryReset', { level: 'settings', operationId: 'second', token: tokenOf(payload) })
    expect(decodeSurvivors(await world.spared.readFile('survival'))).toMatchObject({ epoch: 2 })
  })

  it('changes nothing when it cannot keep what it is asked to', async () => {
    const world = new FactoryResetWorld({ wipesState: true, hooks: { canKeep: ['network'] } })
    const life = await world.live()
    expect(await world.reset(life, { level: 'data', keep: ['network', 'photos'] })).toMatchObject({
      state: 'failed',
      error: { code: 'cannotKeep', message: "the device cannot keep 'photos'" },
    })
    expect(world.data).toBe('holiday.jpg')
  })

  it('tells that something is left, after the restart', async () => {
    const world = new FactoryResetWorld({ wipesState: true, hooks: { verify: () => false } })
    await world.reset(await world.live(), request)
    expect(await world.reset(await world.live(), request)).toMatchObject({
      state: 'failed',
      error: { code: 'notWiped' },
    })
  })

  it('loses nothing when what comes before the wipe throws, and cannot be cancelled after it', async () => {
    const failing = new FactoryResetWorld({
      wipesState: true,
      hooks: {
        prepare: () => {
          throw new Error('the recorder does not stop')
        },
      },
    })
    expect(await failing.reset(await failing.live(), request)).toMatchObject({ error: { code: 'HandlerFailed' } })
    expect(failing.data).toBe('holiday.jpg')

    const wiping = new FactoryResetWorld({ wipesState: true, hooks: { wipe: () => new Promise(() => {}) } })
    const life = await wiping.live()
    void wiping.reset(life, request)
    while (life.store.get('op')?.record.status !== 'wiping') await new Promise(resolve => setImmediate(resolve))
    expect(await life.manager.cancel('op')).toMatchObject({ status: 409 })
  })
})

describe('R1: a factory reset that is cut off at every call of the journal and of what survives', () => {
  it.each([
    { wipesState: false, powerCut: false },
    { wipesState: false, powerCut: true },
    { wipesState: true, powerCut: false },
    { wipesState: true, powerCut: true },
  ])('ends, with the truth about it: %j', async ({ wipesState, powerCut }) => {
    const undisturbed = new FactoryResetWorld({ wipesState })
    await undisturbed.reset(await undisturbed.live(), request)
    expect(undisturbed.points).toBeGreaterThan(60)
    let unproven = 0
    for (let killAt = 1; killAt <= undisturbed.points; killAt += 1) {
      const world = new FactoryResetWorld({ wipesState, killAt })
      const first = world.live()
      // A life may be cut off before it is open.
      const opened = await Promise.race([first, until(() => world.killed).then(() => undefined)])
      if (opened !== undefined) await world.reset(opened, request)
      expect(world.killed).toBe(true)
      if (powerCut) world.cutPower()
      let record: Awaited<ReturnType<typeof world.reset>>
      while (record === undefined) record = await world.reset(await world.live(), request)
      expect(world.lives).toBeLessThanOrEqual(3)
      expect(world.data).toBeUndefined()
      // Every repeat of the wipe can be told by its attempt.
      expect(world.wipes).toEqual([...new Set(world.wipes)].toSorted((left, right) => left - right))
      expect(world.wipes.length).toBeLessThanOrEqual(2)
      expect(world.restarts).toBeLessThanOrEqual(1)
      if (record.state === 'failed') {
        // Killed after it was said that the device restarts, and before it did.
        expect(record.error?.code).toBe('RestartNotObserved')
        expect({ powerCut, restarts: world.restarts }).toEqual({ powerCut: false, restarts: 0 })
        unproven += 1
      } else {
        expect(record.result).toEqual({ level: 'data', keep: [], epoch: 1 })
        expect(world.boot).toBeGreaterThan(1)
      }
    }
    expect(unproven > 0).toBe(!powerCut)
  })
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve))
}
