import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from './json-value.ts'
import { findTwinIssue, isTwinKey, twinLevel } from './twin-rules.ts'

/** Objects in objects, `levels` of them, with a number in the innermost. */
function nested(levels: number): JsonValue {
  return levels === 0 ? 1 : { in: nested(levels - 1) }
}

describe('findTwinIssue', () => {
  it.each<[string, JsonValue]>([
    ['texts', { text: 'x'.repeat(4096), other: 'é'.repeat(2048), emoji: '\u{1F600}'.repeat(1024) }],
    ['numbers', [0, -1.5, 1.5e-300, 4_503_599_627_370_495, -4_503_599_627_370_496]],
    ['booleans, empty lists and objects', { a: [true, false], b: [], c: {} }],
    ['keys', { 'é-_/:*': 1, ['k'.repeat(1024)]: 1, '': 1 }],
  ])('takes %s', (_, value) => {
    expect(findTwinIssue(value)).toBeUndefined()
  })

  it.each<[JsonValue, readonly (string | number)[], RegExp]>([
    [null, [], /null/],
    [{ a: [1, null] }, ['a', 1], /null/],
    [{ a: { b: null } }, ['a', 'b'], /null/],
    [{ a: 'x'.repeat(4097) }, ['a'], /4096 bytes/],
    ['é'.repeat(2049), [], /4096 bytes/],
    [[4_503_599_627_370_496], [0], /52 bits/],
    [-4_503_599_627_370_497, [], /52 bits/],
    [{ 'a.b': 1 }, ['a.b'], /key/],
    [{ a: { $b: 1 } }, ['a', '$b'], /key/],
    [{ 'a b': 1 }, ['a b'], /key/],
    [{ 'a#': 1 }, ['a#'], /key/],
    [{ 'a\u0007': 1 }, ['a\u0007'], /key/],
    [{ ['é'.repeat(513)]: 1 }, ['é'.repeat(513)], /key/],
  ])('finds what the hub would refuse: %#', (value, path, message) => {
    expect(findTwinIssue(value)).toEqual({ path, message: expect.stringMatching(message) })
  })

  it('counts ten levels from the root of the section', () => {
    expect(findTwinIssue(nested(10), 1)).toBeUndefined()
    expect(findTwinIssue(nested(11), 1)?.path).toHaveLength(10)
    expect(findTwinIssue(nested(8), twinLevel.result)).toBeUndefined()
    expect(findTwinIssue(nested(9))?.path).toHaveLength(8)
    expect(findTwinIssue({ list: nested(7) })).toBeUndefined()
    expect(findTwinIssue([nested(8)])?.message).toBe('is nested too deeply: a twin holds 10 levels')
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), value => void findTwinIssue(JSON.parse(JSON.stringify(value)))),
    )
  })
})

it('isTwinKey', () => {
  expect(['a', 'é', 'a-b_c', ''].every(isTwinKey)).toBe(true)
  expect(['a.b', '$a', 'a b', '#', '\n', '\u0085', 'x'.repeat(1025)].some(isTwinKey)).toBe(false)
})
