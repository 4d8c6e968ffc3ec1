import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonEqual } from './json-equal.ts'

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([first], [second]) => (first < second ? -1 : 1)))
      : member,
  )
}

describe('two JSON values', () => {
  it('are equal when their texts are, and members may change places', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (first, second) => {
        const [one, other] = [JSON.parse(JSON.stringify(first)), JSON.parse(JSON.stringify(second))]
        expect(jsonEqual(one, other)).toBe(sorted(one) === sorted(other))
        expect(jsonEqual(one, JSON.parse(JSON.stringify(one)))).toBe(true)
      }),
    )
  })

  it.each([
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
    [{ a: 1 }, { a: 1, b: 2 }, false],
    [{ toString: 1 }, { a: 1 }, false],
    [[1, 2], [2, 1], false],
    [[], {}, false],
    [null, undefined, false],
  ])('%j and %j: %s', (first, second, expected) => {
    expect(jsonEqual(first, second)).toBe(expected)
  })
})
