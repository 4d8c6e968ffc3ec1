import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toJson } from './json-text.ts'

describe('toJson', () => {
  it('gives what JSON would bring back', () => {
    const value = fc.object({
      values: [fc.integer(), fc.string(), fc.boolean(), fc.constant(null)],
      withNullPrototype: true,
    })
    fc.assert(
      fc.property(value, any => {
        expect(toJson(any, 'result')).toEqual(JSON.parse(JSON.stringify(any)))
      }),
    )
  })

  it('leaves out undefined members', () => {
    expect(Object.keys(Object(toJson({ a: 1, b: undefined }, 'result')))).toEqual(['a'])
  })

  it('makes a copy', () => {
    const value = { list: [1] }
    const json = toJson(value, 'result')
    value.list.push(2)
    expect(json).toEqual({ list: [1] })
  })

  it('takes the same object twice, and keeps hostile members as members', () => {
    const shared = { a: 1 }
    expect(toJson([shared, shared], 'result')).toEqual([{ a: 1 }, { a: 1 }])
    const hostile: unknown = JSON.parse('{"__proto__":{"polluted":true}}')
    expect(JSON.stringify(toJson(hostile, 'result'))).toBe('{"__proto__":{"polluted":true}}')
  })

  class Point {
    readonly x = 1
  }
  const cycle: { self?: unknown } = {}
  cycle.self = cycle

  it.each<[unknown, string]>([
    [undefined, 'a value of type undefined'],
    [() => 1, 'a value of type function'],
    [{ a: 1n }, 'a value of type bigint'],
    [[Symbol('s')], 'a value of type symbol'],
    [[undefined], 'a value of type undefined'],
    [Number.NaN, 'the number NaN'],
    [{ a: Number.POSITIVE_INFINITY }, 'the number Infinity'],
    [new Point(), 'an instance of Point'],
    [new Date(0), 'an instance of Date'],
    [new Map(), 'an instance of Map'],
    [Object.create(Object.create(null)), 'an instance of a class without a name'],
    [cycle, 'an object that contains itself'],
  ])('refuses what would not survive: %#', (value, got) => {
    expect(() => toJson(value, "result of step 'flush'")).toThrow(
      new TypeError(`result of step 'flush' must be JSON, got ${got}`),
    )
  })
})
