import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestRequest } from './request-digest.ts'

describe('digestRequest', () => {
  it('does not mind the order of members, but that of elements', () => {
    expect(digestRequest({ a: 1, b: { c: [1, 2], d: null } })).toBe(digestRequest({ b: { d: null, c: [1, 2] }, a: 1 }))
    expect(digestRequest([1, 2])).not.toBe(digestRequest([2, 1]))
  })

  it('tells values apart that look alike', () => {
    const values = [
      null,
      {},
      [],
      '',
      0,
      false,
      '0',
      'null',
      { a: null },
      { a: {} },
      [null],
      { '0': 1 },
      [1],
      '{"a":1}',
      { a: 1 },
    ]
    expect(new Set(values.map(digestRequest)).size).toBe(values.length)
  })

  it('is the same for what JSON brings back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = JSON.stringify(value)
        expect(digestRequest(JSON.parse(text))).toBe(digestRequest(JSON.parse(JSON.stringify(JSON.parse(text)))))
      }),
    )
  })
})
