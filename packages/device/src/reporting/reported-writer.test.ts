import { ManualClock } from '@iothub-dm/local-hub'
import {
  action,
  type JsonObject,
  type OperationEvent,
  type OperationRecord,
  operationSection,
  reboot,
  reduceOperation,
} from '@iothub-dm/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type HubCallOutcome, SimulatedHub } from '../../test/simulated-hub.ts'
import type { OperationLog } from '../operation/operation-log.ts'
import { ReportedWriter } from './reported-writer.ts'

const phases = ['warming', 'measuring']
const actions = { work: action({ phases }), reboot }

/** A writer with operations that a test changes, on a hub that it answers for. */
class Bench {
  readonly hub = new SimulatedHub()
  readonly clock = new ManualClock(0)
  readonly errors: unknown[] = []
  readonly confirmed: string[] = []
  readonly logs = new Map<string, OperationLog>()
  readonly writer: ReportedWriter
  confirm: (operationId: string) => Promise<void> = async () => {}

  constructor() {
    this.writer = new ReportedWriter({
      connection: this.hub,
      actions,
      operations: () => this.logs,
      onReported: async operationId => {
        await this.confirm(operationId)
        this.confirmed.push(operationId)
        for (const [name, log] of this.logs) {
          if (log.operationId === operationId) this.logs.set(name, { ...log, reported: true })
        }
      },
      onError: error => this.errors.push(error),
      clock: this.clock,
      progressIntervalInMs: 10_000,
    })
  }

  /** Lets all that is ready happen. */
  async settled(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
  }

  /** Ends the call under way, and lets what follows begin. */
  async answer(outcome: HubCallOutcome = 'ok'): Promise<void> {
    this.hub.settle(outcome)
    await this.settled()
  }

  /** A session whose first read is answered. */
  async connect(): Promise<void> {
    this.writer.sessionBegan()
    await this.answer()
  }

  /** Something happens to the newest operation of an action; a new one begins with `accepted`. */
  happen(name: keyof typeof actions, event: OperationEvent, tell = true): void {
    const before = event.type === 'accepted' ? undefined : this.logs.get(name)?.record
    const record = reduceOperation(before, event, phases)
    this.logs.set(name, logOf(name, record))
    if (tell) this.writer.changed(before?.state !== record.state || before.status !== record.status)
  }

  /** What the hub has of the action's operation. */
  section(name: keyof typeof actions): JsonObject {
    return operationSection(this.hub.reported, name)
  }
}

function logOf(name: string, record: OperationRecord): OperationLog {
  return {
    operationId: record.operationId,
    action: name,
    request: {},
    requestDigest: '',
    expiresAt: undefined,
    record,
    steps: new Map(),
    restarts: [],
    cancelRequested: false,
    reported: false,
    livesWithoutProgress: 0,
  }
}

const time = '2026-01-01T00:00:00.000Z'
const later = '2026-01-01T00:01:00.000Z'
const accepted = { type: 'accepted', operationId: 'op', time } as const
const started = { type: 'started', attempt: 1, time } as const
const succeeded = { type: 'succeeded', time: later } as const

function progress(percent: number): OperationEvent {
  return { type: 'progress', percent, detail: `at ${percent}`, time: later }
}

describe('ReportedWriter', () => {
  it('reads the twin at the start of a session and sends the difference', async () => {
    const bench = new Bench()
    bench.happen('work', accepted)
    expect(bench.hub.busy).toBe(false)
    bench.writer.sessionBegan()
    expect(bench.hub.pendingPatch).toBeUndefined()
    await bench.answer()
    expect(bench.hub.pendingPatch).toEqual({ iothubDM: { work: expect.objectContaining({ state: 'accepted' }) } })
    await bench.answer()
    expect(bench.section('work')).toMatchObject({ operationId: 'op', state: 'accepted' })
    expect(bench.hub.busy).toBe(false)
  })

  it('has one patch in flight, and puts all that changed meanwhile into the next', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    bench.happen('work', started)
    bench.happen('work', { type: 'phase', phase: 'warming', time })
    bench.happen('work', { type: 'phase', phase: 'measuring', time: later })
    expect(bench.hub.pendingPatch).toEqual({ iothubDM: { work: expect.objectContaining({ state: 'accepted' }) } })
    await bench.answer()
    expect(bench.hub.pendingPatch).toMatchObject({ iothubDM: { work: { state: 'running', status: 'measuring' } } })
    await bench.answer()
    expect(bench.hub.busy).toBe(false)
  })

  it('misses nothing that changes in any turn between two rounds', async () => {
    for (let turns = 0; turns < 12; turns += 1) {
      const bench = new Bench()
      await bench.connect()
      bench.happen('work', accepted)
      bench.hub.settle()
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      bench.happen('work', started)
      await bench.settled()
      await bench.answer()
      expect(bench.section('work').state).toBe('running')
    }
  })

  it('sends phases at once and percentages once in an interval, the newest', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    bench.happen('work', started)
    await bench.answer()
    await bench.answer()
    bench.happen('work', progress(10))
    bench.clock.advance(4_000)
    bench.happen('work', progress(20))
    bench.clock.advance(5_999)
    expect(bench.hub.busy).toBe(false)
    bench.clock.advance(1)
    expect(bench.hub.pendingPatch).toEqual({ iothubDM: { work: { percent: 20, detail: 'at 20', updatedTime: later } } })
    await bench.answer()
    bench.clock.advance(1_000)
    bench.happen('work', { type: 'phase', phase: 'warming', time: later })
    expect(bench.hub.pendingPatch).toEqual({ iothubDM: { work: { status: 'warming', percent: null, detail: null } } })
    await bench.answer()
    bench.clock.advance(20_000)
    bench.happen('work', progress(5))
    expect(bench.hub.pendingPatch).toMatchObject({ iothubDM: { work: { percent: 5 } } })
  })

  it('does not hold a percentage for longer than the interval when the clock is set back', async () => {
    const bench = new Bench()
    bench.clock.advance(86_400_000)
    await bench.connect()
    bench.happen('work', accepted)
    await bench.answer()
    const now = bench.clock.now()
    bench.clock.now = () => now - 86_400_000
    bench.happen('work', started, false)
    bench.happen('work', progress(10))
    bench.clock.advance(10_000)
    expect(bench.hub.pendingPatch).toMatchObject({ iothubDM: { work: { percent: 10 } } })
  })

  it('never reports less than the hub has, in the same phase of the same operation', async () => {
    const bench = new Bench()
    bench.happen('work', accepted)
    bench.happen('work', started)
    bench.happen('work', progress(60))
    await bench.connect()
    await bench.answer()
    // the next life knows nothing of the percentage
    bench.happen('work', accepted, false)
    bench.happen('work', started, false)
    bench.happen('work', { type: 'started', attempt: 2, time: later }, false)
    bench.writer.changed(true)
    await bench.answer()
    expect(bench.section('work')).toMatchObject({ attempt: 2, percent: 60, detail: 'at 60' })
    bench.clock.advance(10_000)
    bench.happen('work', { ...progress(10), time: '2026-01-01T00:02:00.000Z' })
    expect(bench.hub.pendingPatch).toEqual({ iothubDM: { work: { updatedTime: '2026-01-01T00:02:00.000Z' } } })
    await bench.answer()
    bench.clock.advance(10_000)
    bench.happen('work', progress(70))
    await bench.answer()
    expect(bench.section('work')).toMatchObject({ percent: 70, detail: 'at 70' })
    bench.happen('work', { type: 'phase', phase: 'warming', time: later })
    await bench.answer()
    expect(bench.section('work')).not.toHaveProperty('percent')
  })

  it('nulls what the operation before left behind, and keeps the documented leaves', async () => {
    const bench = new Bench()
    bench.happen('reboot', accepted)
    bench.happen('reboot', started)
    bench.happen('reboot', progress(5))
    bench.happen('reboot', { ...succeeded, result: 'x' })
    await bench.connect()
    await bench.answer()
    bench.happen('reboot', { ...accepted, operationId: 'op-2' })
    await bench.answer()
    expect(bench.section('reboot')).toEqual({
      operationId: 'op-2',
      state: 'accepted',
      status: 'accepted',
      attempt: 0,
      acceptedTime: time,
      updatedTime: time,
      startedRebootTime: time,
      lastReboot: later,
    })
  })

  it('sends again after the session was lost under a patch, whether the hub had it or not', async () => {
    for (const outcome of ['lost', 'lostAfter'] as const) {
      const bench = new Bench()
      await bench.connect()
      bench.happen('work', accepted)
      bench.writer.sessionLost()
      await bench.answer(outcome)
      bench.happen('work', started)
      expect(bench.hub.busy).toBe(false)
      await bench.connect()
      expect(bench.hub.pendingPatch).toMatchObject({ iothubDM: { work: { state: 'running' } } })
      await bench.answer()
      expect(bench.section('work').state).toBe('running')
      expect(bench.errors).toEqual([])
    }
  })

  it('waits for the next session when a call is lost and nobody says so, as in the renewal of a token', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    await bench.answer('lost')
    bench.happen('work', started)
    await bench.settled()
    expect(bench.hub.busy).toBe(false)
    await bench.connect()
    await bench.answer()
    expect(bench.section('work').state).toBe('running')
  })

  it('goes on at once when the next session began before the call was known to be lost', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    bench.writer.sessionBegan()
    await bench.answer('lost')
    expect(bench.hub.pendingPatch).toBeUndefined()
    await bench.answer()
    await bench.answer()
    expect(bench.section('work').state).toBe('accepted')
  })

  it('tries again after a pause that grows, and does not hurry in between', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    await bench.answer(429)
    bench.happen('work', started)
    expect(bench.hub.busy).toBe(false)
    for (const waitInMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      bench.clock.advance(waitInMs - 1)
      expect(bench.hub.busy).toBe(false)
      bench.clock.advance(1)
      expect(bench.hub.pendingPatch).toBeUndefined()
      await bench.answer(500)
    }
    expect(bench.errors).toHaveLength(9)
    bench.clock.advance(30_000)
    await bench.answer()
    await bench.answer()
    expect(bench.section('work').state).toBe('running')
    expect(bench.clock.pendingTimers).toBe(0)
  })

  it('reads the twin again when the fate of a patch is unknown', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    await bench.answer('timeout')
    bench.clock.advance(500)
    expect(bench.hub.pendingPatch).toBeUndefined()
  })

  it('does not send again what the hub refused, until something changes', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    await bench.answer(400)
    expect(bench.errors).toEqual([expect.objectContaining({ code: 'ReportRefused', status: 400 })])
    bench.writer.changed(true)
    await bench.settled()
    bench.clock.advance(3_600_000)
    expect(bench.hub.busy).toBe(false)
    bench.happen('work', started)
    await bench.answer()
    expect(bench.section('work').state).toBe('running')
  })

  it('reports the end without its result when the hub refuses the result', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    bench.happen('work', started)
    await bench.answer()
    await bench.answer()
    bench.happen('work', { ...succeeded, result: { much: true } })
    await bench.answer(400)
    expect(bench.hub.pendingPatch).toMatchObject({ iothubDM: { work: { state: 'succeeded' } } })
    await bench.answer()
    expect(bench.section('work')).toMatchObject({ state: 'succeeded', detail: 'the hub refused the result' })
    expect(bench.section('work')).not.toHaveProperty('result')
    expect(bench.confirmed).toEqual(['op'])
    await bench.connect()
    expect(bench.hub.busy).toBe(false)
  })

  it('confirms the end of an operation once, and never sends it again', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    bench.happen('work', started)
    bench.happen('work', succeeded)
    await bench.answer()
    expect(bench.confirmed).toEqual([])
    await bench.answer()
    expect(bench.confirmed).toEqual(['op'])
    bench.hub.reported = {}
    await bench.connect()
    expect(bench.hub.busy).toBe(false)
    expect(bench.confirmed).toEqual(['op'])
  })

  it('confirms an end that the hub had already', async () => {
    const bench = new Bench()
    bench.happen('work', accepted)
    bench.happen('work', started)
    bench.happen('work', succeeded)
    await bench.connect()
    bench.writer.sessionLost()
    await bench.answer('lostAfter')
    expect(bench.confirmed).toEqual([])
    await bench.connect()
    expect(bench.hub.busy).toBe(false)
    expect(bench.confirmed).toEqual(['op'])
  })

  it('confirms again when the confirmation could not be written', async () => {
    const bench = new Bench()
    bench.confirm = () => Promise.reject(new TypeError('disk'))
    bench.happen('work', accepted)
    bench.happen('work', started)
    bench.happen('work', succeeded)
    await bench.connect()
    await bench.answer()
    expect(bench.errors).toEqual([new TypeError('disk')])
    bench.confirm = async () => {}
    bench.clock.advance(500)
    await bench.settled()
    expect(bench.confirmed).toEqual(['op'])
    expect(bench.hub.busy).toBe(false)
  })

  it('flushes: resolves once the hub has everything, or when the time is over', async () => {
    const bench = new Bench()
    await bench.connect()
    bench.happen('work', accepted)
    let flushed = false
    const flush = (async () => {
      await bench.writer.flush(5_000)
      flushed = true
    })()
    await bench.settled()
    expect(flushed).toBe(false)
    await bench.answer()
    await flush
    expect(bench.clock.pendingTimers).toBe(0)
    bench.writer.sessionLost()
    bench.happen('work', started)
    const bounded = bench.writer.flush(5_000)
    bench.clock.advance(5_000)
    await bounded
    expect(bench.clock.pendingTimers).toBe(0)
  })

  it('sends nothing once it is closed, and lets nobody wait', async () => {
    const bench = new Bench()
    bench.happen('work', accepted)
    const flush = bench.writer.flush(5_000)
    bench.writer.close()
    await flush
    await bench.writer.flush(5_000)
    bench.writer.sessionBegan()
    bench.happen('work', started)
    expect(bench.hub.busy).toBe(false)
    expect(bench.clock.pendingTimers).toBe(0)
  })

  it('ends with the hub equal to the newest records, whatever happened on the way', async () => {
    const outcomes: HubCallOutcome[] = ['ok', 'ok', 'ok', 'lost', 'lostAfter', 'timeout', 429, 500, 400]
    const moves = fc.oneof(
      fc.record({ kind: fc.constant('answer'), outcome: fc.constantFrom(...outcomes) }),
      fc.constantFrom({ kind: 'change', name: 'work' }, { kind: 'change', name: 'reboot' }),
      fc.constantFrom({ kind: 'session' }, { kind: 'lost' }, { kind: 'turn' }),
      fc.record({ kind: fc.constant('time'), durationInMs: fc.nat(40_000) }),
    )
    type Move = {
      readonly kind: string
      readonly outcome?: HubCallOutcome
      readonly name?: string
      readonly durationInMs?: number
    }
    const story: fc.Arbitrary<readonly Move[]> = fc.array(moves, { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(story, async steps => {
        const bench = new Bench()
        const next = { work: successor('work'), reboot: successor('reboot') }
        let connected = false
        for (const step of steps) {
          if (step.kind === 'answer' && bench.hub.busy) bench.hub.settle(step.outcome)
          else if (step.kind === 'change') {
            const name = step.name === 'work' ? 'work' : 'reboot'
            bench.happen(name, next[name]())
          } else if (step.kind === 'session') {
            // a session ends what was pending in the one before
            if (bench.hub.busy) bench.hub.settle('lost')
            bench.writer.sessionBegan()
            connected = true
          } else if (step.kind === 'lost' && connected) {
            if (bench.hub.busy) bench.hub.settle('lostAfter')
            bench.writer.sessionLost()
            connected = false
          } else if (step.kind === 'time') bench.clock.advance(step.durationInMs ?? 0)
          else if (step.kind === 'turn') await bench.settled()
          else await Promise.resolve()
        }
        if (bench.hub.busy) bench.hub.settle('lost')
        bench.writer.sessionBegan()
        for (let round = 0; round < 20; round += 1) {
          await bench.settled()
          if (bench.hub.busy) bench.hub.settle('ok')
          else bench.clock.advance(30_000)
        }
        for (const [name, { record }] of bench.logs) {
          expect(operationSection(bench.hub.reported, name)).toMatchObject({ ...record })
          const terminal = record.finishedTime !== undefined
          expect(bench.logs.get(name)?.reported).toBe(terminal)
        }
      }),
      { numRuns: 400 },
    )
  })
})

/** The events of one operation after the other. */
function successor(name: string): () => OperationEvent {
  let count = 0
  return () => {
    const operationId = `${name}-${Math.floor(count / 5)}`
    const events: OperationEvent[] = [
      { type: 'accepted', operationId, time },
      { type: 'started', attempt: 1, time },
      progress(30),
      progress(80),
      { type: 'succeeded', result: { of: operationId }, time: later },
    ]
    const event = events[count % events.length] ?? succeeded
    count += 1
    return event
  }
}
