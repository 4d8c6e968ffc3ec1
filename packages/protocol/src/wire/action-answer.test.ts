import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryRecord } from '../../test/arbitrary-record.ts'
import type { JsonValue } from '../json/json-value.ts'
import { isTerminalState, operationState } from '../operation/operation-state.ts'
import { decodeActionAnswer, encodeActionAnswer } from './action-answer.ts'
import { encodeRefusal } from './refusal.ts'

describe('the answer for an operation', () => {
  it('is read back as it was', () => {
    fc.assert(
      fc.property(arbitraryRecord, record => {
        const answer = encodeActionAnswer(record)
        const payload: JsonValue = JSON.parse(JSON.stringify(answer.payload))
        const { operationId, state, result, error } = record
        expect(decodeActionAnswer(answer.status, payload)).toEqual(
          isTerminalState(state)
            ? {
                kind: 'finished',
                operationId,
                state,
                ...(result === undefined ? {} : { result }),
                ...(error === undefined ? {} : { error }),
              }
            : { kind: 'accepted', operationId, state },
        )
      }),
    )
  })

  it.each(Object.values(operationState))('of state %s has its status', state => {
    const record = { operationId: 'op-1', state, status: state, attempt: 1, acceptedTime: '', updatedTime: '' }
    expect(encodeActionAnswer(record)).toEqual({
      status: isTerminalState(state) ? 200 : 202,
      payload: { operationId: 'op-1', state },
    })
  })
})

describe('decodeActionAnswer', () => {
  it('reads a refusal', () => {
    const { status, payload } = encodeRefusal({ code: 'NotReady', message: 'the device is starting' })
    expect(decodeActionAnswer(status, payload)).toEqual({
      kind: 'refused',
      status: 503,
      refusal: { code: 'NotReady', message: 'the device is starting' },
    })
  })

  // What Microsoft's samples answer to `reboot`.
  it.each<[number, JsonValue]>([
    [200, 'Reboot started'],
    [200, { result: 'Reboot started.' }],
    [200, { Response: 'This is the response from the device' }],
    [200, null],
    [201, { operationId: 5, state: 'running' }],
    [200, { operationId: 'op-1', state: 'rebooting' }],
    [202, []],
  ])('takes %d %j for the answer of other software', (status, payload) => {
    expect(decodeActionAnswer(status, payload)).toEqual({ kind: 'foreign', status, payload })
  })

  it.each<[number, JsonValue]>([
    [404, 'Not defined direct method reboot'],
    [404, { Response: 'Unknown method' }],
    [0, null],
    [-1, null],
    [300, {}],
    [500, { operationId: 'op-1', state: 'succeeded' }],
  ])('takes %d %j for a refusal', (status, payload) => {
    expect(decodeActionAnswer(status, payload)).toMatchObject({ kind: 'refused', status, refusal: { code: 'Unknown' } })
  })

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.jsonValue(),
        (status, payload) => void decodeActionAnswer(status, JSON.parse(JSON.stringify(payload))),
      ),
    )
  })
})
