import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Gate } from '../gate/gate.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import { applyCommand, type RolloutCommand } from './apply-command.ts'
import { decide, initialState } from './decide.ts'
import type { DeviceOutcome } from './device-outcome.ts'
import type { RolloutState } from './rollout-state.ts'
import type { RolloutDevice } from './tally.ts'

const failures: Gate = { outcomes: ['failed', 'silent'], maxShare: 0.05, minSample: 10, confidence: 0.95 }

function planOf(more: Partial<RolloutPlan> = {}): RolloutPlan {
  return {
    rolloutId: 'r1',
    action: 'calibrate',
    request: {},
    rollbackRequest: {},
    target: '',
    excluded: [],
    waves: [
      { size: { devices: 1 }, soakInMs: 0, needsApproval: false },
      { size: { percent: 10 }, soakInMs: 1_000, needsApproval: false },
      { size: { percent: 100 }, soakInMs: 0, needsApproval: true },
    ],
    pace: { startsPerMinute: 60 },
    concurrency: 5,
    gates: [failures],
    silentAfterInMs: 60_000,
    overdueAfterInMs: 600_000,
    endTime: '1970-01-02T00:00:00.000Z',
    maxTries: 3,
    ...more,
  }
}

/** A rollout whose devices end as they are told to. */
class Rehearsal {
  readonly plan: RolloutPlan
  readonly outcomes: DeviceOutcome[]
  readonly decisions: string[] = []
  state: RolloutState
  nowInMs = 0

  constructor(size: number, more: Partial<RolloutPlan> = {}) {
    this.plan = planOf(more)
    this.outcomes = Array.from({ length: size }, () => 'untouched')
    this.state = initialState(this.plan, { devices: this.devices, nowInMs: 0 })
  }

  get devices(): readonly RolloutDevice[] {
    return this.outcomes.map((outcome, index) => ({
      deviceId: `cam-${index}`,
      cohort: index / this.outcomes.length,
      outcome,
    }))
  }

  /** One step; gives the indices of the devices that it starts. */
  step(allowance = 100): readonly number[] {
    const { state, start, decisions } = decide(this.plan, this.state, {
      devices: this.devices,
      nowInMs: this.nowInMs,
      allowance,
    })
    this.state = state
    this.decisions.push(...decisions.map(({ type }) => type))
    const started = start.map(({ deviceId }) => Number(deviceId.slice('cam-'.length)))
    for (const index of started) this.outcomes[index] = 'open'
    return started
  }

  finish(outcome: DeviceOutcome): void {
    for (const [index, now] of this.outcomes.entries()) if (now === 'open') this.outcomes[index] = outcome
  }

  /** Goes on until nothing changes any more. */
  run(outcomeOf: (index: number) => DeviceOutcome): void {
    for (;;) {
      const before = this.state
      const started = this.step()
      for (const index of started) this.outcomes[index] = outcomeOf(index)
      this.nowInMs += 1_000
      const isSoaking = this.state.phase === 'soaking' && this.state.hold === undefined
      if (started.length === 0 && this.state === before && !isSoaking) break
    }
  }

  command(command: RolloutCommand): void {
    const state = applyCommand(this.plan, this.state, command, this.nowInMs)
    if ('refused' in state) throw new Error(state.refused)
    this.state = state
  }
}

describe('the first devices', () => {
  it('go one at a time until one has succeeded', () => {
    const rehearsal = new Rehearsal(40, { waves: [{ size: { percent: 100 }, soakInMs: 0, needsApproval: false }] })
    expect(rehearsal.step()).toEqual([0])
    expect(rehearsal.step()).toEqual([])
    rehearsal.finish('failed')
    expect(rehearsal.step()).toEqual([1])
    rehearsal.finish('succeeded')
    expect(rehearsal.step()).toEqual([]) // stored first
    expect(rehearsal.step()).toEqual([2, 3, 4, 5, 6])
  })

  it('hold the rollout when none of them succeeds', () => {
    const rehearsal = new Rehearsal(40)
    rehearsal.step()
    rehearsal.finish('failed')
    expect(rehearsal.step()).toEqual([])
    expect(rehearsal.decisions).toEqual(['nothingProven'])
    expect(rehearsal.state.hold?.cause).toBe('gate')
  })

  it('that cannot be reached hold up nobody', () => {
    const rehearsal = new Rehearsal(40)
    rehearsal.step()
    rehearsal.finish('unreachable')
    rehearsal.step()
    expect(rehearsal.step()).toEqual([1])
  })
})

describe('waves', () => {
  it('follow one another, with soak and approval between', () => {
    const rehearsal = new Rehearsal(40)
    rehearsal.run(() => 'succeeded')
    expect(rehearsal.outcomes.filter(outcome => outcome === 'succeeded')).toHaveLength(4)
    expect(rehearsal.state).toMatchObject({ phase: 'awaitingApproval', wave: 2 })
    rehearsal.command({ type: 'approve' })
    rehearsal.run(() => 'succeeded')
    expect(rehearsal.outcomes.every(outcome => outcome === 'succeeded')).toBe(true)
    expect(rehearsal.state).toMatchObject({ phase: 'over', ending: 'completed' })
    expect(rehearsal.decisions).toEqual([
      'proven',
      'waveFinished',
      'waveOpened',
      'waveFinished',
      'approvalAwaited',
      'waveFinished',
      'ended',
    ])
  })

  it('watch for the soak before the next one', () => {
    const rehearsal = new Rehearsal(40)
    rehearsal.run(() => 'succeeded')
    const opened = rehearsal.state.phaseTime
    expect(Date.parse(opened)).toBeGreaterThanOrEqual(1_000)
  })

  it('take late joiners in, as far as they are open', () => {
    const rehearsal = new Rehearsal(40)
    rehearsal.run(() => 'succeeded')
    rehearsal.outcomes[2] = 'untouched'
    expect(rehearsal.step()).toEqual([2])
    expect(rehearsal.state.phase).toBe('awaitingApproval')
  })

  it('end with the time of the rollout', () => {
    const rehearsal = new Rehearsal(40)
    rehearsal.step()
    rehearsal.nowInMs = Date.parse(rehearsal.plan.endTime)
    expect(rehearsal.step()).toEqual([])
    expect(rehearsal.state).toMatchObject({ phase: 'over', ending: 'expired' })
  })
})

describe('a gate', () => {
  it('stops the rollout, in the wave in which too many fail', () => {
    const rehearsal = new Rehearsal(400)
    rehearsal.run(index => (index < 4 ? 'succeeded' : 'failed'))
    expect(rehearsal.state.hold).toMatchObject({ cause: 'gate', reason: expect.stringContaining('failed or silent') })
    expect(rehearsal.outcomes.filter(outcome => outcome === 'failed').length).toBeLessThanOrEqual(15)
    expect(rehearsal.step()).toEqual([])
  })

  it('can be overruled for the wave', () => {
    const rehearsal = new Rehearsal(400)
    rehearsal.run(index => (index < 4 ? 'succeeded' : 'failed'))
    rehearsal.command({ type: 'resume' })
    expect(rehearsal.step().length).toBeGreaterThan(0)
  })
})

describe('commands', () => {
  it('pause and resume', () => {
    const rehearsal = new Rehearsal(40)
    rehearsal.command({ type: 'pause', reason: 'lunch' })
    expect(rehearsal.step()).toEqual([])
    rehearsal.command({ type: 'resume' })
    expect(rehearsal.step()).toEqual([0])
  })

  it('never let a wave begin that waits for its approval', () => {
    const rehearsal = new Rehearsal(40)
    rehearsal.run(() => 'succeeded')
    rehearsal.command({ type: 'pause', reason: 'night' })
    rehearsal.command({ type: 'retryFailed' })
    rehearsal.run(() => 'succeeded')
    expect(rehearsal.state.phase).toBe('awaitingApproval')
    expect(rehearsal.outcomes.filter(outcome => outcome === 'succeeded')).toHaveLength(4)
  })

  it('are refused where they make no sense', () => {
    const rehearsal = new Rehearsal(40)
    expect(() => rehearsal.command({ type: 'approve' })).toThrow('no wave waits')
    expect(() => rehearsal.command({ type: 'resume' })).toThrow('not held')
    rehearsal.command({ type: 'abort' })
    expect(() => rehearsal.command({ type: 'pause', reason: '' })).toThrow('the rollout is over: aborted')
  })

  it('roll back, all devices at once', () => {
    const rehearsal = new Rehearsal(40)
    rehearsal.run(() => 'succeeded')
    rehearsal.command({ type: 'rollBack' })
    rehearsal.outcomes.fill('untouched')
    rehearsal.run(() => 'succeeded')
    expect(rehearsal.state).toMatchObject({ phase: 'over', ending: 'rolledBack' })
  })
})

describe('whatever happens', () => {
  const endings: readonly DeviceOutcome[] = ['succeeded', 'failed', 'rejected', 'silent', 'unreachable', 'cancelled']
  const commands: readonly RolloutCommand['type'][] = ['approve', 'pause', 'resume', 'retryFailed', 'abort']
  const move = fc.oneof(
    { weight: 8, arbitrary: fc.record({ allowance: fc.nat({ max: 10 }) }) },
    { weight: 8, arbitrary: fc.record({ device: fc.nat({ max: 59 }), outcome: fc.constantFrom(...endings) }) },
    { weight: 1, arbitrary: fc.record({ command: fc.constantFrom(...commands) }) },
  )

  it('C17: no device is started twice, beyond its wave, above the limits, or while the rollout is held', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 200 }), moves => {
        const rehearsal = new Rehearsal(60)
        for (const next of moves) {
          rehearsal.nowInMs += 100
          if ('device' in next) {
            if (rehearsal.outcomes[next.device] === 'open') rehearsal.outcomes[next.device] = next.outcome
          } else if ('command' in next) {
            const command: RolloutCommand =
              next.command === 'pause' ? { type: 'pause', reason: 'test' } : { type: next.command }
            const state = applyCommand(rehearsal.plan, rehearsal.state, command, rehearsal.nowInMs)
            if (!('refused' in state)) rehearsal.state = state
          } else {
            const before = [...rehearsal.outcomes]
            const started = rehearsal.step(next.allowance)
            const { hold, phase, waveStart, waveEnd, isProven } = rehearsal.state
            if (hold !== undefined || phase === 'over') expect(started).toEqual([])
            expect(started.length).toBeLessThanOrEqual(next.allowance)
            const open = rehearsal.outcomes.filter(outcome => outcome === 'open').length
            if (started.length > 0) expect(open).toBeLessThanOrEqual(isProven ? rehearsal.plan.concurrency : 1)
            for (const index of started) {
              expect(before[index]).toBe('untouched')
              expect(index / 60).toBeLessThan(phase === 'awaitingApproval' ? waveStart : waveEnd)
            }
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
