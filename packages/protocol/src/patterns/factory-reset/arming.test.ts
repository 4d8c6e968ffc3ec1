import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../json/json-value.ts'
import { encodeRefusal, type WireAnswer } from '../../wire/refusal.ts'
import { armFactoryReset, decodeArmingRequest, encodeArming } from './arming.ts'

/** A device that gives one answer. */
function answering(answer: WireAnswer): { call: (payload: JsonObject) => Promise<WireAnswer>; calls: JsonObject[] } {
  const calls: JsonObject[] = []
  return {
    calls,
    call: async payload => {
      calls.push(payload)
      return answer
    },
  }
}

const armed = encodeArming({ token: 'abc', expiresTime: '2027-01-31T12:00:00.000Z' })

describe('armFactoryReset', () => {
  it('asks for a token with the very request, and gives it back with the token', async () => {
    const { call, calls } = answering(armed)
    const request = { level: 'data', keep: ['network'], reason: 'sold' } as const
    expect(await armFactoryReset({ ...request, token: 'old' }, call)).toEqual({ ...request, token: 'abc' })
    expect(calls).toEqual([{ ...request, arm: true }])
  })

  it('asks for none where no data is lost', async () => {
    const { call, calls } = answering(armed)
    expect(await armFactoryReset({ level: 'settings' }, call)).toEqual({ level: 'settings' })
    expect(calls).toEqual([])
  })

  it.each([
    [encodeRefusal({ code: 'NotReady', message: 'the device is closing' }), 'NotReady'],
    [{ status: 404, payload: 'unknown' }, 'Refused'],
    [{ status: 200, payload: 'reset' }, 'InvalidResponse'],
    [{ status: 202, payload: { operationId: 'op', state: 'accepted' } }, 'InvalidResponse'],
  ] satisfies [WireAnswer, string][])('tells by its code that %j armed nothing: %s', async (answer, code) => {
    await expect(armFactoryReset({ level: 'data' }, answering(answer).call)).rejects.toMatchObject({ code })
  })
})

describe('decodeArmingRequest', () => {
  it('takes out what is about arming, and only true arms', () => {
    expect(decodeArmingRequest({ arm: true, level: 'data' })).toEqual({
      arm: true,
      token: undefined,
      request: { level: 'data' },
    })
    expect(decodeArmingRequest({ arm: 'yes', token: 5, level: 'data' })).toEqual({
      arm: false,
      token: undefined,
      request: { level: 'data' },
    })
    expect(decodeArmingRequest(null)).toEqual({ arm: false, token: undefined, request: null })
  })
})
