import { describe, expect, it } from 'vitest'
import type { MethodAnswer } from '../connection/hub-connection.ts'
import { checkMethodAnswer, echoMethod, unknownMethodHandler } from './unknown-method.ts'

function answerNothing(): MethodAnswer {
  return { status: 200, payload: null }
}

describe('unknownMethodHandler', () => {
  it('takes a word, a function, or nothing', () => {
    expect(unknownMethodHandler('echo')).toBe(echoMethod)
    expect(unknownMethodHandler(answerNothing)).toBe(answerNothing)
    expect(unknownMethodHandler(undefined)).toBeUndefined()
  })

  it.each(['Echo', '', 5, null, {}])('refuses %j', option => {
    expect(() => Reflect.apply(unknownMethodHandler, undefined, [option])).toThrow(
      `onUnknownMethod: expected 'echo' or a function, got ${JSON.stringify(option)}`,
    )
  })
})

describe('checkMethodAnswer', () => {
  it.each([-1, 0, 201, 599])('passes status %i on', status => {
    expect(checkMethodAnswer({ status, payload: { result: true } })).toEqual({ status, payload: { result: true } })
  })

  it('takes a missing payload for null', () => {
    expect(Reflect.apply(checkMethodAnswer, undefined, [{ status: 200 }])).toEqual({ status: 200, payload: null })
  })

  it.each([[undefined], [{ status: '200', payload: null }], [{ status: Number.NaN, payload: null }]])(
    'refuses %j',
    answer => {
      expect(() => Reflect.apply(checkMethodAnswer, undefined, [answer])).toThrow(Error)
    },
  )
})
