import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FleetModel } from './fleet-model.ts'
import { type RehearsalOptions, type RehearsedPolicy, rehearse } from './rehearse.ts'

/** `scripts/rollout-sweep.mjs` wants more. */
const seeds = Number(process.env.ROLLOUT_SEEDS ?? 100)

const allAtOnce: RehearsedPolicy = {
  waves: [{ percent: 100, soakInMs: 0 }],
  pace: { startsPerMinute: 100_000 },
  concurrency: 100_000,
}
const inWaves: RehearsedPolicy = {
  waves: [
    { devices: 1, soakInMs: 0 },
    { percent: 30, soakInMs: 10_000 },
    { percent: 100, soakInMs: 0 },
  ],
  pace: { startsPerMinute: 600 },
  concurrency: 10,
  gates: [{ outcomes: ['failed', 'silent', 'rejected'], maxShare: 0.2, minSample: 10, confidence: 0.95 }],
  silentAfterInMs: 60_000,
}
const mixed: FleetModel = {
  devices: 60,
  operationInMs: [2_000, 20_000],
  failing: 0.05,
  refusing: 0.03,
  silent: 0.03,
  offline: 0.05,
  answerLost: 0.1,
}

describe('a rehearsal', () => {
  it('B6: takes 10,000 devices of one unit of S1 in hardly more than the least time, without one call too many', async () => {
    const operationInMs = 600_000
    const { snapshot, ...rehearsal } = await rehearse(allAtOnce, {
      devices: 10_000,
      operationInMs: [operationInMs, operationInMs],
    })
    expect(snapshot).toMatchObject({ state: { ending: 'completed' }, counts: { succeeded: 10_000 } })
    expect(rehearsal).toMatchObject({ throttledCalls: 0, devicesStartedTwice: 0, repeatedCalls: 0, violations: [] })
    // 20 queries a minute, of 100 devices each, to find the devices; the first device alone; 40 starts a second; the last device.
    const leastInMs = ((100 - 20) * 60_000) / 20 + operationInMs + (9_999 * 1_000) / 40 + operationInMs
    expect(rehearsal.durationInMs / leastInMs).toBeLessThan(1.05)
  }, 60_000)

  it('B6: takes 1,000 devices in hardly more than the 25 seconds that their starts take', async () => {
    const { durationInMs, throttledCalls } = await rehearse(allAtOnce, {
      devices: 1_000,
      operationInMs: [600_000, 600_000],
    })
    expect(throttledCalls).toBe(0)
    expect(durationInMs / (600_000 + 25_000 + 600_000)).toBeLessThan(1.05)
  })

  it('is the same for the same seed', async () => {
    const [first, second] = [await rehearse(inWaves, mixed, { seed: 7 }), await rehearse(inWaves, mixed, { seed: 7 })]
    expect(second.durationInMs).toBe(first.durationInMs)
    expect(second.snapshot.counts).toEqual(first.snapshot.counts)
    expect(second.hubCalls).toEqual(first.hubCalls)
  })

  it('shows how far a bad version comes', async () => {
    const { snapshot, startedDevices, audit, violations } = await rehearse(
      { pace: { startsPerMinute: 600 } },
      { devices: 2_000, operationInMs: [10_000, 30_000], failing: 0.3 },
      { seed: 3 },
    )
    expect(snapshot.state?.hold).toMatchObject({ cause: 'gate', reason: expect.stringContaining('failed') })
    expect(startedDevices).toBeLessThan(300)
    expect(audit.at(-1)?.event).toMatchObject({ type: 'gateClosed', verdict: { closed: true } })
    expect(violations).toEqual([])
  })

  it('tells devices that went silent from those that are slow', async () => {
    const { snapshot } = await rehearse(
      { ...inWaves, gates: [] },
      { devices: 50, operationInMs: [50_000, 55_000], silent: 0.2 },
      { seed: 6 },
    )
    const counts = snapshot.counts
    expect(counts?.silent).toBeGreaterThan(0)
    expect((counts?.silent ?? 0) + (counts?.succeeded ?? 0)).toBe(50)
  })

  it('rolls back what was started, and nothing else', async () => {
    let isRolledBack = false
    const model = { devices: 200, operationInMs: [5_000, 10_000], failing: 0.4 } as const
    const { snapshot, startedDevices } = await rehearse(inWaves, model, {
      seed: 8,
      endsHeld: false,
      onProgress: ({ state }, rollout) => {
        if (state?.hold === undefined || isRolledBack) return
        isRolledBack = true
        void rollout.rollBack()
      },
    })
    expect(snapshot.state).toMatchObject({ ending: 'rolledBack' })
    expect(startedDevices).toBeGreaterThanOrEqual(10)
    expect(startedDevices).toBeLessThan(200)
    expect(snapshot.counts?.succeeded).toBe(startedDevices)
  })
})

describe('R7: whoever carries a rollout out, and whenever they are killed', () => {
  const moment = fc.constantFrom('before' as const, 'after' as const)
  const kill = fc.record({ write: fc.integer({ min: 1, max: 90 }), moment })

  it('no device is started twice, none after a gate has closed, none without the lease', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.integer({ min: 1, max: 1_000_000 }),
          kills: fc.array(kill, { maxLength: 3 }),
          controllers: fc.integer({ min: 1, max: 2 }),
        }),
        check,
      ),
      { numRuns: seeds },
    )
  }, 3_600_000)

  it('also at each of the first writes', async () => {
    for (let write = 1; write <= 20; write += 1) {
      await check({ seed: write, kills: [{ write, moment: 'before' }] })
      await check({ seed: write, kills: [{ write, moment: 'after' }], controllers: 2 })
    }
  }, 60_000)
})

async function check(options: RehearsalOptions): Promise<void> {
  const { snapshot, devicesStartedTwice, violations, throttledCalls } = await rehearse(inWaves, mixed, options)
  expect({ devicesStartedTwice, violations, throttledCalls }).toEqual({
    devicesStartedTwice: 0,
    violations: [],
    throttledCalls: 0,
  })
  expect(snapshot.state?.phase === 'over' || snapshot.state?.hold?.cause === 'gate').toBe(true)
}
