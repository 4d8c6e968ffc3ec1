import { expect, it } from 'vitest'
import { inParallel } from '../support/in-parallel.ts'
import { rebootKilledAt } from '../support/killed-reboot.ts'
import { TestBench } from '../support/test-bench.ts'

/** What the journal must be seen to append in the sweep. With `restart intended` it is rewritten, as its version goes up. */
const entries = [
  'accepted',
  'event started',
  'stepBegun',
  'stepDone',
  'restart begun',
  'restart observed',
  'event succeeded',
  'reported',
]

it('a device that is killed at any call of its journal ends its reboot as everybody is told', async () => {
  await using bench = await TestBench.open()
  const { calls } = await rebootKilledAt(bench, [])
  expect(calls).toEqual(expect.arrayContaining(entries.flatMap(entry => [`write ${entry}`, `sync ${entry}`])))

  const runs = await inParallel([...calls.keys()], 4, index => rebootKilledAt(bench, [index + 1]))
  expect(runs.flatMap(({ killedAt }) => killedAt)).toEqual(calls)
}, 120_000)
