import { isTerminalState, type OperationEvent } from '@iothub-dm/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compactEntries, findForgettable, foldEntries } from './compact-entries.ts'
import type { JournalEntry, RestartProgress } from './journal-entry.ts'
import { applyEntry, type OperationLog } from './operation-log.ts'

const phases = ['one', 'two']
const phasesOf = () => phases
const day = 86_400_000
const retention = { periodInMs: 7 * day, maxOperations: 100 }

function iso(timeInMs: number): string {
  return new Date(timeInMs).toISOString()
}

type Happening =
  | { readonly type: 'started' | 'succeeded' | 'failed' | 'cancelled' | 'reported' | 'cancelRequested' }
  | { readonly type: 'phase'; readonly phase: string }
  | { readonly type: 'stepBegun' | 'stepDone'; readonly step: string }
  | { readonly type: 'restart'; readonly progress: RestartProgress }

/** What may happen to an operation after its acceptance; whatever does not fit its state is left out. */
const happening: fc.Arbitrary<Happening> = fc.constantFrom<Happening>(
  { type: 'started' },
  { type: 'phase', phase: 'one' },
  { type: 'phase', phase: 'two' },
  { type: 'succeeded' },
  { type: 'failed' },
  { type: 'cancelled' },
  { type: 'reported' },
  { type: 'cancelRequested' },
  { type: 'stepBegun', step: 'a' },
  { type: 'stepDone', step: 'a' },
  { type: 'stepBegun', step: 'b' },
  { type: 'restart', progress: 'intended' },
  { type: 'restart', progress: 'begun' },
  { type: 'restart', progress: 'observed' },
  { type: 'restart', progress: 'notObserved' },
)

const history = fc
  .array(
    fc.record({
      action: fc.constantFrom('reboot', 'calibrate'),
      acceptedInMs: fc.integer({ min: 0, max: 20 * day }),
      happenings: fc.array(happening, { maxLength: 12 }),
    }),
    { maxLength: 8 },
  )
  .map(operations => operations.flatMap((operation, index) => toEntries(`op-${index}`, operation)))

function toEntries(
  operationId: string,
  operation: { readonly action: string; readonly acceptedInMs: number; readonly happenings: readonly Happening[] },
): JournalEntry[] {
  const { action, acceptedInMs } = operation
  const time = iso(acceptedInMs)
  const accepted: JournalEntry = { type: 'accepted', operationId, action, request: { acceptedInMs }, time }
  const entries: JournalEntry[] = [accepted]
  let log = applyEntry(undefined, accepted, phases)
  for (const what of operation.happenings) {
    const entry = toEntry(operationId, what, log, time)
    const after = attempt(() => applyEntry(log, entry, phases))
    if (after === undefined) continue
    entries.push(entry)
    log = after
  }
  return entries
}

function toEntry(operationId: string, what: Happening, log: OperationLog, time: string): JournalEntry {
  const event = (more: OperationEvent): JournalEntry => ({ type: 'event', operationId, event: more })
  switch (what.type) {
    case 'started':
      return event({ type: 'started', attempt: log.record.attempt + 1, time })
    case 'phase':
      return event({ ...what, time })
    case 'succeeded':
      return event({ type: 'succeeded', result: { x: 1 }, time })
    case 'failed':
      return event({ type: 'failed', error: { code: 'x', message: 'x', retryable: false }, time })
    case 'cancelled':
      return event({ type: 'cancelled', time })
    case 'stepBegun':
      return { type: 'stepBegun', operationId, step: what.step }
    case 'stepDone':
      return { type: 'stepDone', operationId, step: what.step, result: [1] }
    case 'restart':
      return { type: 'restart', operationId, name: 'restart', progress: what.progress, bootId: 'boot', time }
    default:
      return { type: what.type, operationId }
  }
}

function attempt<TResult>(act: () => TResult): TResult | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}

describe('compactEntries', () => {
  it('says the same of every operation that is kept', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 40 * day }), fc.nat(6), (entries, nowInMs, maxOperations) => {
        const before = foldEntries(entries, phasesOf)
        const compacted = compactEntries(entries, phasesOf, { ...retention, maxOperations }, nowInMs)
        const after = foldEntries(compacted, phasesOf)
        for (const [operationId, log] of after) expect(log).toEqual(before.get(operationId))
        const forgotten = findForgettable([...before.values()], { ...retention, maxOperations }, nowInMs)
        const kept = [...before.keys()].filter(id => !forgotten.some(({ operationId }) => operationId === id))
        expect([...after.keys()].toSorted()).toEqual(kept.toSorted())
      }),
      { numRuns: 500 },
    )
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(history, fc.integer({ min: 0, max: 40 * day }), (entries, nowInMs) => {
        const once = compactEntries(entries, phasesOf, retention, nowInMs)
        expect(compactEntries(once, phasesOf, retention, nowInMs)).toEqual(once)
      }),
    )
  })

  it('survives JSON', () => {
    fc.assert(
      fc.property(history, entries => {
        const compacted = compactEntries(entries, phasesOf, retention, 0)
        expect(foldEntries(JSON.parse(JSON.stringify(compacted)), phasesOf)).toEqual(foldEntries(compacted, phasesOf))
      }),
    )
  })

  it('leaves one entry of an operation that is over', () => {
    const time = iso(0)
    const entries = toEntries('op', {
      action: 'reboot',
      acceptedInMs: 0,
      happenings: [{ type: 'started' }, { type: 'stepBegun', step: 'a' }, { type: 'succeeded' }],
    })
    expect(compactEntries(entries, phasesOf, retention, 0)).toEqual([
      {
        type: 'finished',
        operationId: 'op',
        action: 'reboot',
        requestDigest: expect.any(String),
        record: expect.objectContaining({ state: 'succeeded', result: { x: 1 }, finishedTime: time }),
        reported: false,
      },
    ])
  })
})

function finished(operationId: string, action: string, updatedInMs: number, reported = true): OperationLog {
  const time = iso(updatedInMs)
  const record = {
    operationId,
    state: 'succeeded',
    status: 'succeeded',
    attempt: 1,
    acceptedTime: time,
    updatedTime: time,
  } as const
  const entry: JournalEntry = { type: 'finished', operationId, action, requestDigest: '', record, reported }
  return applyEntry(undefined, entry, [])
}

describe('findForgettable', () => {
  it('forgets by age, but the newest of each action never, reported or not', () => {
    const logs = [
      finished('1', 'a', 0),
      finished('2', 'b', 0, false),
      finished('3', 'a', 0, false),
      finished('4', 'a', 5 * day),
      finished('5', 'a', 0, false),
    ]
    const ids = (nowInMs: number) => findForgettable(logs, retention, nowInMs).map(({ operationId }) => operationId)
    expect(ids(7 * day)).toEqual([])
    expect(ids(7 * day + 1)).toEqual(['1', '3'])
    expect(ids(30 * day)).toEqual(['1', '3', '4'])
  })

  it('forgets the oldest when there are too many', () => {
    const logs = Array.from({ length: 5 }, (_, index) => finished(`${index}`, 'a', index))
    const forgotten = findForgettable(logs, { ...retention, maxOperations: 3 }, 0)
    expect(forgotten.map(({ operationId }) => operationId)).toEqual(['0', '1'])
  })

  it('forgets nothing that is under way', () => {
    const logs = [...foldEntries(toEntries('op', { action: 'a', acceptedInMs: 0, happenings: [] }), phasesOf).values()]
    expect(logs.some(log => isTerminalState(log.record.state))).toBe(false)
    expect(findForgettable([...logs, finished('2', 'a', 0)], { periodInMs: 0, maxOperations: 0 }, day)).toEqual([])
  })
})
