import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../simulation/seeded-random.ts'
import { type Gate, judge, type Tally } from './gate.ts'

const gate: Gate = { outcomes: ['failed', 'silent'], maxShare: 0.05, minSample: 20, confidence: 0.95 }
const tallyOf = (started: number, failed: number, more: Partial<Tally> = {}): Tally => ({
  started,
  failed,
  rejected: 0,
  silent: 0,
  revoked: 0,
  ...more,
})

/** Share of 2,000 rollouts of 1,000 devices that the gate stops, looked at after each device. */
function stopped(rate: number): number {
  const random = seededRandom(1)
  let count = 0
  for (let rollout = 0; rollout < 2_000; rollout += 1) {
    let failed = 0
    for (let started = 1; started <= 1_000; started += 1) {
      if (random() < rate) failed += 1
      if (started % 5 === 0 && judge(gate, tallyOf(started, failed)).closed) {
        count += 1
        break
      }
    }
  }
  return count / 2_000
}

describe('a gate', () => {
  it('counts its outcomes together, and no other', () => {
    expect(judge(gate, tallyOf(30, 2, { silent: 3, rejected: 9, revoked: 9 }))).toMatchObject({ bad: 5, sample: 30 })
  })

  it('does not judge a small sample', () => {
    expect(judge(gate, tallyOf(2, 1)).closed).toBe(false)
    expect(judge(gate, tallyOf(19, 19)).closed).toBe(false)
    expect(judge(gate, tallyOf(20, 20)).closed).toBe(true)
  })

  it('takes a few silent devices of thousands for a reason to stop, where the limit is strict', () => {
    const strict: Gate = { outcomes: ['silent'], maxShare: 0.00005, minSample: 20, confidence: 0.95 }
    expect(judge(strict, tallyOf(3_000, 0, { silent: 3 })).closed).toBe(true)
    expect(judge(strict, tallyOf(3_000, 0, { silent: 1 })).closed).toBe(false)
  })

  it('stops at most 1 - confidence of the rollouts that are within the limit', () => {
    expect(stopped(gate.maxShare)).toBeLessThanOrEqual(1 - gate.confidence)
  })

  it('stops nearly all that are at three times the limit', () => {
    expect(stopped(3 * gate.maxShare)).toBeGreaterThan(0.999)
  })
})
