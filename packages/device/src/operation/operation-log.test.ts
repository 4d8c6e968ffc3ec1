import { IllegalTransitionError } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import type { JournalEntry } from './journal-entry.ts'
import { applyEntry, nothingUnderWay, type OperationLog } from './operation-log.ts'
import { digestRequest } from './request-digest.ts'

const time = '2026-01-01T00:00:00.000Z'
const later = '2026-01-01T00:01:00.000Z'
const accepted: JournalEntry = { type: 'accepted', operationId: 'op', action: 'a', request: { x: 1 }, time }
const started: JournalEntry = { type: 'event', operationId: 'op', event: { type: 'started', attempt: 1, time } }
const succeeded: JournalEntry = { type: 'event', operationId: 'op', event: { type: 'succeeded', time: later } }
const stepBegun: JournalEntry = { type: 'stepBegun', operationId: 'op', step: 's' }
const stepDone: JournalEntry = { type: 'stepDone', operationId: 'op', step: 's', result: 1 }
const cancelRequested: JournalEntry = { type: 'cancelRequested', operationId: 'op' }
const reported: JournalEntry = { type: 'reported', operationId: 'op' }

function restart(progress: 'intended' | 'begun' | 'observed' | 'notObserved', name = 'restart'): JournalEntry {
  return { type: 'restart', operationId: 'op', name, progress, bootId: 'boot', time }
}

function life(attempt: number): JournalEntry {
  return { type: 'event', operationId: 'op', event: { type: 'started', attempt, time } }
}

function fold(...entries: readonly JournalEntry[]): OperationLog {
  const log = entries.reduce<OperationLog | undefined>(
    (before, entry) => applyEntry(before, entry, ['one', 'two']),
    undefined,
  )
  if (log === undefined) throw new TypeError('no entries')
  return log
}

describe('applyEntry', () => {
  it('begins with the acceptance', () => {
    expect(fold(accepted)).toMatchObject({
      operationId: 'op',
      action: 'a',
      request: { x: 1 },
      requestDigest: digestRequest({ x: 1 }),
      expiresAt: undefined,
      record: { state: 'accepted', attempt: 0, acceptedTime: time },
      reported: false,
    })
  })

  it('refuses to speak of an operation that was never accepted', () => {
    expect(() => applyEntry(undefined, started, [])).toThrow(TypeError)
  })

  it('counts how often a step was begun, and keeps its result', () => {
    const log = fold(accepted, started, stepBegun, stepBegun)
    expect(log.steps.get('s')).toEqual({ begun: 2, once: false, done: false })
    expect(applyEntry(log, stepDone, []).steps.get('s')).toEqual({ begun: 2, once: false, done: true, result: 1 })
  })

  it('tells a step without a result from one with null', () => {
    const { result: _result, ...without } = { ...stepDone, result: null }
    expect(fold(accepted, started, stepBegun, without).steps.get('s')).toEqual({ begun: 1, once: false, done: true })
    expect(fold(accepted, started, stepBegun, { ...stepDone, result: null }).steps.get('s')).toHaveProperty(
      'result',
      null,
    )
  })

  it('counts the lives since something was last achieved', () => {
    expect(fold(accepted, life(1), life(2)).livesWithoutProgress).toBe(2)
    expect(fold(accepted, life(1), life(2), stepBegun).livesWithoutProgress).toBe(2)
    expect(fold(accepted, life(1), life(2), stepBegun, stepDone).livesWithoutProgress).toBe(1)
    expect(fold(accepted, life(1), restart('intended')).livesWithoutProgress).toBe(1)
    expect(fold(accepted, life(1), restart('intended'), restart('begun')).livesWithoutProgress).toBe(0)
    expect(fold(accepted, life(1), restart('intended'), restart('begun'), life(2)).livesWithoutProgress).toBe(1)
  })

  it('does not count a life that the agent has ended in good order', () => {
    const suspended = { type: 'suspended', operationId: 'op' } as const
    const log = fold(accepted, life(1), life(2), suspended)
    expect(log).toMatchObject({ livesWithoutProgress: 1, suspended: true })
    expect(applyEntry(log, suspended, [])).toBe(log)
    expect(applyEntry(log, life(3), [])).toMatchObject({ livesWithoutProgress: 2, suspended: false })
    expect(fold(accepted, suspended).suspended).toBe(false)
  })

  it('keeps a deferral until the handler goes on, and its name for good', () => {
    const deferred = { type: 'deferred', operationId: 'op', name: 'd', until: later, detail: 'later', time } as const
    const log = fold(accepted, life(1), deferred)
    expect(log).toMatchObject({
      record: { state: 'waiting', detail: 'later' },
      deferral: { until: later, since: time, detail: 'later' },
      deferredForInMs: 60_000,
      livesWithoutProgress: 0,
    })
    const gone = applyEntry(log, life(1), [])
    expect(gone).toMatchObject({ record: { state: 'running' }, deferral: undefined, livesWithoutProgress: 1 })
    expect(applyEntry(gone, deferred, [])).toBe(gone)
  })

  it('lets either a request to cancel or the point of no return come first', () => {
    const pointOfNoReturn = { type: 'pointOfNoReturn', operationId: 'op' } as const
    const past = fold(accepted, started, pointOfNoReturn)
    expect(past.pointOfNoReturn).toBe(true)
    expect(applyEntry(past, cancelRequested, [])).toBe(past)
    const cancelled = fold(accepted, started, cancelRequested)
    expect(applyEntry(cancelled, pointOfNoReturn, [])).toBe(cancelled)
  })

  it('shows a restart as the state, and goes back to running when it did not come', () => {
    const restarting = fold(accepted, started, restart('intended'), restart('begun'))
    expect(restarting).toMatchObject({
      record: { state: 'restarting' },
      restarts: new Map([['restart', { progress: 'begun', bootId: 'boot' }]]),
    })
    const given = applyEntry(restarting, restart('notObserved'), [])
    expect(given).toMatchObject({
      record: { state: 'running', attempt: 1 },
      restarts: new Map([['restart', { progress: 'notObserved', bootId: 'boot' }]]),
    })
    expect(given.livesWithoutProgress).toBe(1)
  })

  it('keeps the restarts apart by their names', () => {
    const log = fold(accepted, started, restart('observed', 'first'), restart('intended', 'second'))
    expect([...log.restarts].map(([name, { progress }]) => [name, progress])).toEqual([
      ['first', 'observed'],
      ['second', 'intended'],
    ])
  })

  it('takes a request to cancel once, and none while the device restarts', () => {
    const running = fold(accepted, started)
    const cancelled = applyEntry(running, cancelRequested, [])
    expect(cancelled.cancelRequested).toBe(true)
    expect(applyEntry(cancelled, cancelRequested, [])).toBe(cancelled)
    const restarting = fold(accepted, started, restart('intended'))
    expect(applyEntry(restarting, cancelRequested, [])).toBe(restarting)
  })

  it('keeps of an operation that is over the answer alone', () => {
    const over = fold(accepted, started, stepBegun, stepDone, cancelRequested, succeeded)
    expect(over).toEqual({
      operationId: 'op',
      action: 'a',
      request: null,
      requestDigest: digestRequest({ x: 1 }),
      expiresAt: undefined,
      record: expect.objectContaining({ state: 'succeeded', finishedTime: later }),
      reported: false,
      ...nothingUnderWay,
    })
  })

  it.each([stepBegun, stepDone, cancelRequested, restart('begun')])('passes over $type once it is over', entry => {
    const over = fold(accepted, started, succeeded)
    expect(applyEntry(over, entry, [])).toBe(over)
  })

  it('refuses an event after the end', () => {
    expect(() => fold(accepted, started, succeeded, life(2))).toThrow(IllegalTransitionError)
  })

  it('remembers that the end is reported, but not that anything else is', () => {
    const running = fold(accepted, started)
    expect(applyEntry(running, reported, [])).toBe(running)
    const over = fold(accepted, started, succeeded)
    const told = applyEntry(over, reported, [])
    expect(told).toEqual({ ...over, reported: true })
    expect(applyEntry(told, reported, [])).toBe(told)
  })
})
