import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { limits } from './limits.ts'
import type { OperationEvent } from './operation-event.ts'
import type { OperationRecord } from './operation-record.ts'
import { isTerminalState, legalTransitions, type OperationState, operationState } from './operation-state.ts'
import { IllegalTransitionError, reduceOperation } from './reduce-operation.ts'

const phases = ['download', 'verify', 'apply']
const error = { code: 'sensorFault', message: 'sensor 2 is silent', retryable: true }
const time = '2027-01-31T12:00:00.000Z'

/** One event of each type. */
const events: { readonly [TType in OperationEvent['type']]: Extract<OperationEvent, { type: TType }> } = {
  accepted: { type: 'accepted', operationId: 'op-1', time },
  waiting: { type: 'waiting', time },
  started: { type: 'started', attempt: 1, time },
  phase: { type: 'phase', phase: 'download', time },
  progress: { type: 'progress', percent: 40, time },
  restarting: { type: 'restarting', time },
  succeeded: { type: 'succeeded', time },
  failed: { type: 'failed', error, time },
  rejected: { type: 'rejected', error, time },
  cancelled: { type: 'cancelled', time },
  expired: { type: 'expired', time },
}

/** The shortest way to each state. */
const ways: { readonly [TState in OperationState]: readonly OperationEvent[] } = {
  accepted: [events.accepted],
  waiting: [events.accepted, events.waiting],
  running: [events.accepted, events.started],
  restarting: [events.accepted, events.started, events.restarting],
  succeeded: [events.accepted, events.started, events.succeeded],
  failed: [events.accepted, events.failed],
  rejected: [events.accepted, events.rejected],
  cancelled: [events.accepted, events.cancelled],
  expired: [events.accepted, events.expired],
}

/** What an event makes of a state, if the table allows it. */
const targets: { readonly [TType in OperationEvent['type']]?: OperationState } = {
  waiting: 'waiting',
  started: 'running',
  restarting: 'restarting',
  succeeded: 'succeeded',
  failed: 'failed',
  rejected: 'rejected',
  cancelled: 'cancelled',
  expired: 'expired',
}

function run(...sequence: readonly OperationEvent[]): OperationRecord {
  const record = sequence.reduce<OperationRecord | undefined>(
    (before, event) => reduceOperation(before, event, phases),
    undefined,
  )
  if (record === undefined) throw new Error('a record needs an event')
  return record
}

describe.each(Object.values(operationState))('in state %s', state => {
  it.each(Object.values(events))('event $type follows the table', event => {
    const before = run(...ways[state])
    expect(before.state).toBe(state)
    const target = targets[event.type]
    const isLegal =
      target === undefined ? event.type !== 'accepted' && state === 'running' : legalTransitions[state].includes(target)
    if (isLegal) {
      expect(reduceOperation(before, event, phases).state).toBe(target ?? state)
    } else {
      expect(() => reduceOperation(before, event, phases)).toThrow(new IllegalTransitionError(state, event.type))
    }
  })
})

describe('the first event', () => {
  it.each(Object.values(events).filter(({ type }) => type !== 'accepted'))('is not $type', event => {
    expect(() => reduceOperation(undefined, event)).toThrow(
      `an operation in state 'none' cannot take the event '${event.type}'`,
    )
  })

  it('makes the record', () => {
    expect(run(events.accepted)).toEqual({
      operationId: 'op-1',
      state: 'accepted',
      status: 'accepted',
      attempt: 0,
      acceptedTime: time,
      updatedTime: time,
    })
  })
})

describe('any sequence of events', () => {
  const anyEvent: fc.Arbitrary<OperationEvent> = fc.oneof(
    fc.constantFrom(...Object.values(events)),
    fc.nat({ max: 9 }).map(attempt => ({ type: 'started', attempt, time }) as const),
    fc.constantFrom(...phases, 'unknown').map(phase => ({ type: 'phase', phase, time }) as const),
    fc
      .tuple(fc.double({ min: -50, max: 150 }), fc.option(fc.constantFrom('running', ...phases), { nil: undefined }))
      .map(([percent, phase]) => ({ type: 'progress', percent, time, ...(phase ? { phase } : {}) }) as const),
  )

  /** How far it is: the phase counts first, then the percentage within it. */
  function progressOf({ status, percent }: OperationRecord): readonly [number, number] {
    return [phases.indexOf(status), percent ?? 0]
  }

  it('is refused or leads to a record whose progress never goes back and whose end is the end', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 40 }), sequence => {
        let record = run(events.accepted)
        for (const event of sequence) {
          const before = record
          try {
            record = reduceOperation(before, event, phases)
          } catch (refusal) {
            expect(refusal).toBeInstanceOf(IllegalTransitionError)
            continue
          }
          expect(isTerminalState(before.state)).toBe(false)
          expect(record.finishedTime !== undefined).toBe(isTerminalState(record.state))
          expect(record.percent ?? 0).toBeGreaterThanOrEqual(0)
          expect(record.percent ?? 0).toBeLessThanOrEqual(100)
          if (record.state === 'succeeded') continue
          const [phaseBefore, percentBefore] = progressOf(before)
          const [phase, percent] = progressOf(record)
          expect(phase).toBeGreaterThanOrEqual(phaseBefore)
          if (phase === phaseBefore) expect(percent).toBeGreaterThanOrEqual(percentBefore)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('leaves the record before it as it was', () => {
    const before = Object.freeze(run(events.accepted, events.started, events.progress))
    for (const event of Object.values(events)) {
      const copy = structuredClone(before)
      try {
        reduceOperation(before, event, phases)
      } catch {
        // whether it is legal does not matter here
      }
      expect(before).toEqual(copy)
    }
  })
})

describe('a handler that runs again after a restart', () => {
  const verifying = run(
    events.accepted,
    events.started,
    { type: 'phase', phase: 'download', time },
    { type: 'progress', percent: 100, time },
    { type: 'phase', phase: 'verify', time },
    { type: 'progress', percent: 30, detail: 'block 3', time },
    events.restarting,
    { type: 'started', attempt: 2, time: '2027-01-31T12:05:00.000Z' },
  )

  it('is in its phase still, in its second life', () => {
    expect(verifying).toMatchObject({ state: 'running', status: 'verify', percent: 30, detail: 'block 3', attempt: 2 })
    expect(verifying).toMatchObject({ startedTime: time, updatedTime: '2027-01-31T12:05:00.000Z' })
  })

  it('does not undo what it had reported', () => {
    expect(reduceOperation(verifying, { type: 'phase', phase: 'download', time }, phases)).toBe(verifying)
    expect(reduceOperation(verifying, { type: 'phase', phase: 'verify', time }, phases)).toBe(verifying)
    expect(reduceOperation(verifying, { type: 'progress', percent: 10, time }, phases)).toBe(verifying)
  })

  it('does not take the percentage of a phase that is over for its own', () => {
    for (const phase of ['running', 'download']) {
      expect(reduceOperation(verifying, { type: 'progress', percent: 90, phase, time }, phases)).toBe(verifying)
    }
    const further = reduceOperation(verifying, { type: 'progress', percent: 90, phase: 'verify', time }, phases)
    expect(further).toMatchObject({ status: 'verify', percent: 90 })
  })

  it('goes on from where it was', () => {
    const applying = reduceOperation(verifying, { type: 'phase', phase: 'apply', time }, phases)
    expect(applying).toMatchObject({ status: 'apply', attempt: 2 })
    expect(applying).not.toHaveProperty('percent')
    expect(applying).not.toHaveProperty('detail')
  })
})

describe('progress', () => {
  const running = run(events.accepted, events.started)

  it.each([
    [150, 100],
    [-5, 0],
    [33.3, 33.3],
  ])('of %d is reported as %d', (percent, reported) => {
    expect(reduceOperation(running, { type: 'progress', percent, time })).toMatchObject({ percent: reported })
  })

  it('that is no number changes nothing', () => {
    expect(reduceOperation(running, { type: 'progress', percent: Number.NaN, time })).toBe(running)
  })

  it('cuts its detail to what the twin has room for', () => {
    const { detail } = reduceOperation(running, { type: 'progress', percent: 1, detail: 'x'.repeat(5000), time })
    expect(detail).toHaveLength(limits.detailLength)
  })
})

describe('the end', () => {
  const atWork = run(events.accepted, events.started, events.phase, { ...events.progress, detail: 'block 4' })

  it('of success keeps the result, and no percentage of a phase that is over', () => {
    const succeeded = reduceOperation(atWork, { type: 'succeeded', result: { offset: 2 }, time }, phases)
    expect(succeeded).toMatchObject({
      state: 'succeeded',
      status: 'succeeded',
      result: { offset: 2 },
      finishedTime: time,
    })
    expect(succeeded).not.toHaveProperty('percent')
    expect(succeeded).not.toHaveProperty('detail')
  })

  it('of failure keeps the phase in which it was', () => {
    expect(reduceOperation(atWork, events.failed, phases)).toMatchObject({
      state: 'failed',
      status: 'download',
      percent: 40,
      detail: 'block 4',
      error,
    })
  })

  it('cuts the message of an error', () => {
    const long = { ...error, message: 'x'.repeat(5000) }
    const failed = reduceOperation(atWork, { type: 'failed', error: long, time }, phases)
    expect(failed.error?.message).toHaveLength(limits.errorMessageLength)
  })

  it('by expiry says so', () => {
    const expired = run(events.accepted, events.expired)
    expect(expired).toMatchObject({ state: 'expired', status: 'expired', error: { code: 'Expired', retryable: true } })
  })
})

describe('waiting', () => {
  const waiting = run(events.accepted, { type: 'waiting', detail: 'until the window opens at 22:00', time })

  it('tells why', () => {
    expect(waiting).toMatchObject({ state: 'waiting', status: 'waiting', detail: 'until the window opens at 22:00' })
  })

  it('tells it no more once it goes on', () => {
    const running = reduceOperation(waiting, events.started, phases)
    expect(running).toMatchObject({ state: 'running', status: 'running' })
    expect(running).not.toHaveProperty('detail')
  })

  it('in the middle keeps the phase and how far it was', () => {
    const held = run(events.accepted, events.started, events.phase, events.progress, events.waiting)
    expect(held).toMatchObject({ state: 'waiting', status: 'download', percent: 40 })
  })
})

it('IllegalTransitionError is an error of this library', () => {
  expect(new IllegalTransitionError('running', 'accepted')).toMatchObject({
    name: 'IllegalTransitionError',
    code: 'IllegalTransition',
    message: "an operation in state 'running' cannot take the event 'accepted'",
    retryable: false,
  })
})

it('a life that begins can say why the one before ended', () => {
  const running = [events.accepted, events.started].reduce<OperationRecord | undefined>(
    (record, event) => reduceOperation(record, event, phases),
    undefined,
  )
  const again = reduceOperation(running, { type: 'started', attempt: 2, detail: 'cut off in life 1', time }, phases)
  expect(again).toMatchObject({ state: 'running', attempt: 2, detail: 'cut off in life 1' })
  expect(reduceOperation(again, events.phase, phases)).not.toHaveProperty('detail')
})
