import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { SimulatedDisk } from '../../test/simulated-disk.ts'
import type { DurableChange, DurableEntry } from '../hub-core/durable/durable-state.ts'
import { readLog } from './read-log.ts'
import { StateLog } from './state-log.ts'

const logPath = '/hub/state.log'
const keys = ['d1', 'd2', 'd1/m1'] as const

/** The changes of one turn of the hub: they are written together. */
type Turn = readonly DurableChange[]

const change: fc.Arbitrary<DurableChange> = fc.record({
  table: fc.constantFrom('devices', 'twins'),
  key: fc.constantFrom(...keys),
  value: fc.option(fc.record({ n: fc.integer(), text: fc.string({ maxLength: 40 }) }), { nil: undefined }),
})

/** A state as text that does not depend on the order of its entries. */
const describeState = (entries: Iterable<DurableEntry>): string =>
  Array.from(entries, entry => JSON.stringify([entry.table, entry.key, entry.value]))
    .toSorted()
    .join('\n')

/** A log that is written to, and looked at after every step as if the power failed there. */
class Rehearsal {
  readonly #file: string
  readonly #state = new Map<string, DurableEntry>()
  /** The state after every turn so far, the first before any. */
  readonly #states: string[] = ['']
  #acknowledgedTurns = 0
  images = 0

  constructor(folder: string) {
    this.#file = join(folder, 'state.log')
  }

  async run(turns: readonly Turn[]): Promise<void> {
    const disk = new SimulatedDisk(() => this.#expectNoLoss(disk))
    const log = await StateLog.begin({
      path: logPath,
      entries: () => this.#state.values(),
      disk,
      minGrowthInBytes: 300,
    })
    for (const turn of turns) {
      for (const each of turn) {
        const { table, key, value } = each
        if (value === undefined) this.#state.delete(`${table} ${key}`)
        else this.#state.set(`${table} ${key}`, { table, key, value })
        log.append(each)
      }
      this.#states.push(describeState(this.#state.values()))
      await log.settled()
      this.#acknowledgedTurns = this.#states.length - 1
    }
    await log.close()
  }

  /** What a hub would find is the state after the last turn that was acknowledged, or after the one that is being written. */
  async #expectNoLoss(disk: SimulatedDisk): Promise<void> {
    for (const image of disk.imagesOf(logPath)) {
      this.images += 1
      if (image === undefined) await rm(this.#file, { force: true })
      else await writeFile(this.#file, image)
      expect(this.#states.slice(this.#acknowledgedTurns)).toContain(describeState(await readLog(this.#file)))
    }
  }
}

it('a power cut at any moment loses nothing that was acknowledged, and leaves no turn in part', {
  timeout: 60_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'power-cut-'))
  let images = 0
  const turns = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(turns, async script => {
      const rehearsal = new Rehearsal(folder)
      await rehearsal.run(script)
      images += rehearsal.images
    }),
    { numRuns: 25 },
  )
  expect(images).toBeGreaterThan(1000)
})
