import { describe, expect, it } from 'vitest'
import { defineContract } from '../../contract/define-contract.ts'
import type { JsonValue } from '../../json/json-value.ts'
import { decodeReportedOperation } from '../../operation/decode-reported.ts'
import { reduceOperation } from '../../operation/reduce-operation.ts'
import { encodeReportedPatch } from '../../operation/reported-section.ts'
import { validate } from '../../schema/validate.ts'
import { decodeActionRequest } from '../../wire/action-request.ts'
import { factoryReset } from './factory-reset.ts'

const time = '2027-01-31T12:00:00.000Z'
const later = '2027-01-31T12:05:00.000Z'

function issuesOf(request: JsonValue): readonly string[] {
  const validation = validate(factoryReset.request, request, 'request')
  return validation.valid ? [] : validation.issues.map(({ path }) => path.join('.'))
}

describe('a request for a factory reset', () => {
  it('says how much it takes away, also where a tool sends nothing', () => {
    expect(issuesOf({ level: 'data' })).toEqual([])
    const nothing = decodeActionRequest(null, factoryReset.pattern?.fromBarePayload)
    expect(nothing).toEqual({ request: {} })
    expect(issuesOf({})).toEqual(['level'])
    expect(issuesOf({ level: 'all' })).toEqual(['level'])
  })

  it('names what is to be kept in plain words', () => {
    expect(issuesOf({ level: 'data', keep: ['network', 'site-id'], reason: 'sold' })).toEqual([])
    expect(issuesOf({ level: 'data', keep: ['../etc'] })).toEqual(['keep.0'])
    expect(issuesOf({ level: 'data', keep: Array.from({ length: 17 }, () => 'a') })).toEqual(['keep'])
  })

  it('has to be armed unless it loses no data', () => {
    const arming = factoryReset.pattern?.arming
    expect(['settings', 'data', 'everything'].map(level => arming?.({ level }))).toEqual([false, true, true])
    expect(arming?.(null)).toBe(true)
  })
})

describe('what is reported of a factory reset', () => {
  it('has the time of the last one that was proven, which a later failure leaves alone', () => {
    const contract = defineContract({ actions: { factoryReset } })
    const begun = reduceOperation(undefined, { type: 'accepted', operationId: 'op', time })
    const running = reduceOperation(begun, { type: 'started', attempt: 1, time })
    const result = { level: 'data', keep: [], epoch: 1 }
    const done = reduceOperation(running, { type: 'succeeded', time: later, result })
    const reported = encodeReportedPatch({ factoryReset: done }, contract.actions, {}) ?? {}
    expect(reported).toMatchObject({
      iothubDM: { factoryReset: { state: 'succeeded', lastFactoryReset: later, result } },
    })
    const error = { code: 'notWiped', message: 'data is left', retryable: false }
    const failed = reduceOperation(running, { type: 'failed', time: later, error })
    const again = encodeReportedPatch({ factoryReset: failed }, contract.actions, reported)
    expect(again?.iothubDM).not.toHaveProperty('factoryReset.lastFactoryReset')
    expect(encodeReportedPatch({ factoryReset: failed }, contract.actions, {})?.iothubDM).not.toHaveProperty(
      'factoryReset.lastFactoryReset',
    )
  })

  it('is read in our shape alone: no other has been published', () => {
    expect(decodeReportedOperation('factoryReset', factoryReset, { lastFactoryReset: time })).toBeUndefined()
  })
})
