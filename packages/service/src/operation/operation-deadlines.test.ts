import { describe, expect, it } from 'vitest'
import { reporting } from '../../test/reporting.ts'
import { simulateFleet } from '../../test/simulated-fleet.ts'
import { isOperationDeadlineError } from '../errors/operation-deadline-error.ts'
import type { OperationDeadlines } from './operation-deadlines.ts'

type Report = Parameters<typeof reporting>[1]

/** A calibration whose device reports something at the given times, in seconds after it was begun. */
async function calibration(reports: Readonly<Record<number, Omit<Report, 'operationId'>>>) {
  const simulated = simulateFleet()
  const { hub, cam1, clock } = simulated
  const began = clock.now()
  hub.onRead = () => {
    const elapsedInS = (clock.now() - began) / 1_000
    const due = Object.entries(reports).findLast(([atInS]) => Number(atInS) <= elapsedInS)
    return due === undefined ? {} : reporting('calibrate', { operationId: 'op-1', ...due[1] })
  }
  return { ...simulated, handle: await cam1.actions.calibrate.begin({ target: 1 }) }
}

/** How a wait with deadlines ends, and after how many seconds. */
async function outcomeOf(reports: Parameters<typeof calibration>[0], deadlines: OperationDeadlines) {
  const { handle, clock } = await calibration(reports)
  const began = clock.now()
  const settle = async () => {
    try {
      await handle.result({ ...deadlines, timeoutInMs: 1_000_000 })
      return ['succeeded', (clock.now() - began) / 1_000]
    } catch (error) {
      return [isOperationDeadlineError(error) ? error.code : error, (clock.now() - began) / 1_000]
    }
  }
  const settled = settle()
  await clock.advance(1_000_001)
  expect(clock.pendingTimers).toBe(0)
  return settled
}

const running = { state: 'running', status: 'warming' } as const
const succeeded = { state: 'succeeded', result: { offset: 1 } } as const
const all = { neverStartedAfterInMs: 60_000, silentAfterInMs: 120_000, overdueAfterInMs: 300_000 }

describe('an operation with deadlines', () => {
  it.each([
    ['is in time', { 10: running, 100: succeeded }, ['succeeded', 100]],
    ['never starts', {}, ['OperationNeverStarted', 60]],
    ['is held by the device for too long', { 1: { state: 'waiting' } as const }, ['OperationNeverStarted', 60]],
    ['is silent', { 10: running, 50: { ...running, percent: 5 } }, ['OperationSilent', 170]],
    [
      'reports, and is too slow',
      Object.fromEntries(Array.from({ length: 50 }, (_, step) => [10 + step * 10, { ...running, percent: step }])),
      ['OperationOverdue', 310],
    ],
  ])('that %s', async (_, reports, expected) => {
    expect(await outcomeOf(reports, all)).toEqual(expected)
  })

  it('that has none is waited for', async () => {
    expect(await outcomeOf({ 10: running, 900: succeeded }, {})).toEqual(['succeeded', 900])
  })

  it('tells the iteration, and can be followed on', async () => {
    const { handle, clock } = await calibration({ 10: running, 100: succeeded })
    const states: string[] = []
    const iterate = async () => {
      for await (const { state } of handle.records({ silentAfterInMs: 30_000 })) states.push(state)
    }
    const told = expect(iterate()).rejects.toMatchObject({
      code: 'OperationSilent',
      retryable: true,
      afterInMs: 30_000,
      record: { state: 'running' },
      message: "operation 'op-1' has begun, and nothing new was reported for 30000 ms",
    })
    await clock.advance(50_000)
    await told
    expect(states).toEqual(['accepted', 'running'])
    expect(clock.pendingTimers).toBe(0)
    const result = handle.result()
    await clock.advance(60_000)
    await expect(result).resolves.toEqual({ offset: 1 })
  })

  it('does not take one that is of no use', async () => {
    const { handle } = await calibration({})
    await expect(handle.result({ silentAfterInMs: 0 })).rejects.toThrow(/^silentAfterInMs: expected a number/)
    expect(() => handle.records({ overdueAfterInMs: Number.NaN })).toThrow(RangeError)
  })
})
