import { type OperationRecord, operationState } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { nothingUnderWay, type OperationLog } from './operation-log.ts'
import { shownOperation } from './shown-operation.ts'

function log(operationId: string, record: Partial<OperationRecord>, reported = false): OperationLog {
  const time = '2026-01-01T00:00:00.000Z'
  const { state = operationState.accepted } = record
  return {
    ...nothingUnderWay,
    operationId,
    action: 'work',
    request: null,
    requestDigest: '',
    expiresAt: undefined,
    record: { operationId, state, status: state, attempt: 1, acceptedTime: time, updatedTime: time, ...record },
    reported,
  }
}

const at = (minute: number) => `2026-01-01T00:0${minute}:00.000Z`
const over = (acceptedAt: number, finishedAt: number) =>
  ({ state: 'succeeded', acceptedTime: at(acceptedAt), finishedTime: at(finishedAt) }) as const
const underWay = (acceptedAt: number, state: 'running' | 'waiting' = 'running') =>
  ({ state, acceptedTime: at(acceptedAt) }) as const

function shown(...logs: readonly OperationLog[]): readonly (string | readonly string[])[] {
  const { operationId = '', record } = shownOperation(logs) ?? {}
  return record?.queued === undefined ? [operationId] : [operationId, record.queued]
}

describe('shownOperation', () => {
  it('is the newest one when none waits for another', () => {
    expect(shownOperation([])).toBeUndefined()
    expect(shown(log('a', over(0, 1), true), log('b', over(2, 3), true))).toEqual(['b'])
    expect(shown(log('a', over(0, 1), true), log('b', underWay(2)))).toEqual(['b'])
  })

  it('is the newest one also when the end of the one before has not reached the hub', () => {
    expect(shown(log('a', over(0, 1)), log('b', underWay(2)))).toEqual(['b'])
  })

  it('is the one under way, and tells who waits for it', () => {
    const queue = [log('b', underWay(1, 'waiting')), log('c', underWay(2, 'waiting'))]
    expect(shown(log('a', underWay(0)), ...queue)).toEqual(['a', ['b', 'c']])
  })

  it('is the one that is over until the hub has its end, for those who waited for it', () => {
    const next = log('b', underWay(1))
    expect(shown(log('a', over(0, 2)), next)).toEqual(['a', ['b']])
    expect(shown(log('a', over(0, 2), true), next)).toEqual(['b'])
  })

  it('comes to those too that were cancelled while they waited', () => {
    const cancelled = log('b', over(1, 2))
    const last = log('c', underWay(1, 'waiting'))
    expect(shown(log('a', underWay(0)), cancelled, last)).toEqual(['a', ['b', 'c']])
    expect(shown(log('a', over(0, 3), true), cancelled, last)).toEqual(['b', ['c']])
    expect(shown(log('a', over(0, 3), true), log('b', over(1, 2), true), last)).toEqual(['c'])
  })
})
