import type { JsonValue } from '@iothub-dm/protocol'
import { limits } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { encodeMethodAnswer, failedMethodAnswer } from './method-answer.ts'

describe('the answer to a direct method', () => {
  it.each<[JsonValue, string]>([
    [{ a: 1 }, '{"a":1}'],
    [null, 'null'],
    [0, '0'],
    ['', '""'],
  ])('writes %o as JSON', (payload, body) => {
    expect(encodeMethodAnswer({ status: 202, payload })).toEqual({ status: 202, body })
  })

  // The SDK takes status 0 for no status and never answers (trap 35).
  it('passes every integer on as the status', () => {
    expect(encodeMethodAnswer({ status: 0, payload: null }).status).toBe(0)
    expect(encodeMethodAnswer({ status: -3, payload: null }).status).toBe(-3)
  })

  it.each([200.7, Number.NaN, 2 ** 60])('answers 500 instead of the status %o (trap 35)', status => {
    expect(encodeMethodAnswer({ status, payload: null })).toMatchObject({
      status: 500,
      body: expect.stringContaining('"HandlerFailed"'),
    })
  })

  it('answers 500 for what JSON cannot carry (trap 35)', () => {
    const circular: Record<string, JsonValue> = {}
    circular.self = circular
    expect(encodeMethodAnswer({ status: 200, payload: circular }).status).toBe(500)
  })

  it('lets 128 KB through and answers 500 for more, counted in bytes (trap 35)', () => {
    const text = 'é'.repeat(limits.methodPayloadBytes / 2 - 1)
    expect(encodeMethodAnswer({ status: 200, payload: text }).status).toBe(200)
    expect(encodeMethodAnswer({ status: 200, payload: `${text}x` })).toMatchObject({
      status: 500,
      body: expect.stringContaining('"ResponseTooLarge"'),
    })
  })

  it('says nothing of what a handler threw (trap 34)', () => {
    expect(failedMethodAnswer()).toEqual({
      status: 500,
      body: '{"error":{"code":"HandlerFailed","message":"the handler of the method failed"}}',
    })
  })
})
