import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../simulation/seeded-random.ts'
import { type Gate, judge } from './gate.ts'

/** `scripts/rollout-sweep.mjs` wants more, and prints what comes out. */
const runs = Number(process.env.GATE_RUNS ?? 200)
const isPrinted = process.env.GATE_RUNS !== undefined

const gate: Gate = { outcomes: ['failed'], maxShare: 0.05, minSample: 20, confidence: 0.95 }
const devices = 1_000

/** Rollouts of 1,000 devices, looked at after each of them: how many are stopped, and how many devices the stopped ones have harmed. */
function rehearseGate(rate: number): { readonly stopped: number; readonly harmed: number } {
  const random = seededRandom(Math.round(rate * 1_000) + 1)
  let stopped = 0
  let harmed = 0
  for (let run = 0; run < runs; run += 1) {
    let failed = 0
    for (let started = 1; started <= devices; started += 1) {
      if (random() < rate) failed += 1
      if (!judge(gate, { started, failed, rejected: 0, silent: 0, revoked: 0 }).closed) continue
      stopped += 1
      harmed += failed
      break
    }
  }
  if (isPrinted) {
    const share = ((100 * stopped) / runs).toFixed(2)
    const average = stopped === 0 ? '-' : (harmed / stopped).toFixed(1)
    process.stdout.write(`${rate}: ${share} % of the rollouts were stopped, ${average} devices were harmed by then\n`)
  }
  return { stopped, harmed }
}

describe('a gate of 5 % with 95 % confidence, looked at after each of 1,000 devices', () => {
  it.each([0.01, 0.03, 0.05])(
    'stops at most one of 20 rollouts in which a share of %d fails',
    rate => {
      expect(rehearseGate(rate).stopped / runs).toBeLessThanOrEqual(0.05)
    },
    600_000,
  )

  it.each([0.1, 0.2, 0.5])(
    'misses at most one of 20 rollouts in which a share of %d fails',
    rate => {
      expect(rehearseGate(rate).stopped / runs).toBeGreaterThanOrEqual(0.95)
    },
    600_000,
  )

  it('stops a bad version before it has harmed many', () => {
    const { stopped, harmed } = rehearseGate(0.5)
    expect(harmed / stopped).toBeLessThan(15)
  })
})
