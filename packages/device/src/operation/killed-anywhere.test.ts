import { ManualClock } from '@iothub-dm/local-hub'
import { action, defineContract, isIotHubDmError, isTerminalState } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/journal/simulated-disk.ts'
import { mortalFileSystem } from '../../test/mortal-file-system.ts'
import { type SimulatedLife, startLife } from '../../test/simulated-life.ts'
import type { ActionHandler } from '../implementation/handlers.ts'
import { implement } from '../implementation/implement.ts'

const canary = 'canary-of-a-signature'
const contract = defineContract({
  actions: { update: action({ request: v.object({ n: v.number(), url: v.string() }), secrets: ['url'] }) },
})
const ids = ['first', 'second'] as const
const requests = ids.map((operationId, n) => ({ operationId, n, url: `https://images.example/?sig=${canary}${n}` }))

/** A device that is killed now and then, and what it has done to the world. */
class MortalDevice {
  readonly disk = new SimulatedDisk()
  /** By operation and effect. */
  readonly effects = new Map<string, number>()
  nowInMs = 0
  boots = 0
  kills = 0
  #restarting = false
  #life: SimulatedLife | undefined

  /** Uses everything that an operation can. */
  readonly #update: ActionHandler<typeof contract.actions.update> = async op => {
    const effect = (name: string) => () => {
      const key = `${op.operationId} ${name}`
      this.effects.set(key, (this.effects.get(key) ?? 0) + 1)
    }
    if (!op.request.url.includes(canary)) throw new TypeError('the secret is lost')
    await op.step('download', effect('download'))
    await op.deferUntil(new Date(this.nowInMs + 60_000))
    await op.pointOfNoReturn()
    await op.step('pay', effect('pay'), { repeat: 'never' }).catch(effect('pay is unknown'))
    const restart = () => {
      effect('restart')()
      this.#restarting = true
    }
    // Killed between the intent and the restart itself, it comes back in the same boot.
    await op.restart(restart).catch(async (error: unknown) => {
      if (!isIotHubDmError(error, 'RestartNotObserved')) throw error
      await op.restart(restart, { name: 'once more' })
    })
    await op.step('check', effect('check'))
  }

  /** One life, which dies at a call that changes the disk, restarts the device, or gets to the end of both operations. */
  async live(dieAt = 0): Promise<number> {
    const { fileSystem, calls, isDead, die } = mortalFileSystem(this.disk, dieAt)
    const clock = new ManualClock(this.nowInMs)
    const implementation = implement(contract, { actions: { update: this.#update } })
    const bootId = `boot-${this.boots}`
    const operations = { whenBusy: 'queue' } as const
    const opening = startLife({ implementation, fileSystem, clock, bootId, operations }).then(async life => {
      this.#life = life
      life.manager.resume()
      // The back end cannot know whether its requests have arrived.
      for (const request of requests) await life.begin('update', request)
      return life
    })
    let isClosing = false
    const closed = new AbortController()
    for (let turns = 0; !isDead() && !this.#restarting && !closed.signal.aborted; turns += 1) {
      if (turns % 20 === 19) clock.advance(60_000)
      if (this.isOver && !isClosing) {
        isClosing = true
        const close = async () => {
          await (await opening).close()
          closed.abort()
        }
        void close()
      }
      await new Promise(resolve => setImmediate(resolve))
      expect(turns).toBeLessThan(20_000)
    }
    if (isDead()) this.kills += 1
    if (this.#restarting) this.boots += 1
    this.#restarting = false
    this.nowInMs = clock.now()
    if (!closed.signal.aborted) this.#life = undefined
    die()
    return calls()
  }

  get isOver(): boolean {
    return ids.every(id => {
      const state = this.#life?.state(id)
      return state !== undefined && isTerminalState(state)
    })
  }

  async finish(): Promise<void> {
    for (let lives = 1; !this.isOver; lives += 1) {
      expect(lives).toBeLessThanOrEqual(2 * ids.length + 2)
      await this.live()
    }
  }

  async expectDone(): Promise<void> {
    for (const id of ids) {
      expect(this.#life?.store.get(id)?.record).toMatchObject({ state: 'succeeded' })
      const count = (name: string) => this.effects.get(`${id} ${name}`) ?? 0
      // What is lost in the worst moment is done once more; what must not be repeated never is.
      expect(count('download')).toBeGreaterThanOrEqual(1)
      expect(count('download')).toBeLessThanOrEqual(1 + this.kills)
      expect(count('check')).toBeLessThanOrEqual(1 + this.kills)
      expect(count('restart')).toBe(1)
      expect(count('pay')).toBeLessThanOrEqual(1)
      expect(count('pay') + count('pay is unknown')).toBeGreaterThanOrEqual(1)
    }
    expect(await this.disk.readFile('/state/secrets')).toBeUndefined()
    const journal = Buffer.from((await this.disk.readFile('/state/journal')) ?? []).toString()
    expect(journal).not.toContain(canary)
  }
}

describe('R1: two operations that use everything', () => {
  it('end well, with every effect in its place, wherever the device is killed', async () => {
    const lives: number[] = []
    const undisturbed = new MortalDevice()
    while (!undisturbed.isOver) lives.push(await undisturbed.live())
    await undisturbed.expectDone()
    expect(lives).toHaveLength(3)
    let points = 0
    for (const [index, calls] of lives.entries()) {
      for (let dieAt = 1; dieAt <= calls; dieAt += 1) {
        const device = new MortalDevice()
        for (let life = 0; life < index; life += 1) await device.live()
        await device.live(dieAt)
        await device.finish()
        await device.expectDone()
        points += 1
      }
    }
    expect(points).toBeGreaterThan(80)
  }, 60_000)

  it('end well also when the device is killed again while it recovers', async () => {
    const calls = await new MortalDevice().live()
    // Prime strides meet other pairs than a multiple of the calls of one entry.
    for (let first = 1; first <= calls; first += 7) {
      for (let second = 1; second <= calls; second += 11) {
        const device = new MortalDevice()
        await device.live(first)
        await device.live(second)
        await device.finish()
        await device.expectDone()
      }
    }
  }, 60_000)
})
