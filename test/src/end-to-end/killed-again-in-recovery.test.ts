import { expect, it } from 'vitest'
import { inParallel } from '../support/in-parallel.ts'
import { rebootKilledAt } from '../support/killed-reboot.ts'
import { TestBench } from '../support/test-bench.ts'

/** Every how many pairs of kills one is tried; 1 tries all of them, which takes about half an hour. */
const stride = Number(process.env.KILL_PAIRS_STRIDE ?? 67)
/** Calls with which a journal is opened again, and a few more. */
const reopening = 12

it('a device that is killed again in the middle of its recovery ends its reboot as everybody is told', async () => {
  await using bench = await TestBench.open()
  const { calls } = await rebootKilledAt(bench, [])
  const pairs = calls.flatMap((_, index) =>
    Array.from({ length: calls.length - index + reopening }, (_value, distance) => [index + 1, index + 2 + distance]),
  )
  const tried = pairs.filter((_, index) => index % stride === 0)
  const runs = await inParallel(tried, 4, pair => rebootKilledAt(bench, pair))
  // A pair whose second kill lies behind the end of the recovery is a single kill.
  expect(runs.filter(({ killedAt }) => killedAt.length === 2).length).toBeGreaterThan(tried.length * 0.7)
}, 1_800_000)
