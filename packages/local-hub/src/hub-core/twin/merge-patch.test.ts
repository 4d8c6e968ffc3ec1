import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../json/json.ts'
import { desiredDifference } from './desired-difference.ts'
import { mergePatch } from './merge-patch.ts'

describe('mergePatch', () => {
  it.each([
    ['sets and replaces', { a: 1 }, { a: 2, b: 3 }, { a: 2, b: 3 }],
    ['deletes by null', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['deletes what is not there', { a: 1 }, { b: null }, { a: 1 }],
    ['leaves an empty object behind the last leaf', { o: { y: 2 } }, { o: { y: null } }, { o: {} }],
    ['creates the parent of a nested null', {}, { a: { b: null } }, { a: {} }],
    ['keeps siblings', { o: { x: 1, y: 2 } }, { o: { z: null } }, { o: { x: 1, y: 2 } }],
    ['replaces arrays whole', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['replaces a scalar by an object', { a: 1 }, { a: { b: 2 } }, { a: { b: 2 } }],
    ['replaces an object by a scalar', { a: { b: 2 } }, { a: 1 }, { a: 1 }],
  ] satisfies [string, JsonObject, JsonObject, JsonObject][])('%s', (_name, target, patch, expected) => {
    const before = structuredClone(target)
    expect(mergePatch(target, patch)).toEqual(expected)
    expect(target).toEqual(before)
  })

  it('treats the names of inherited members as data', () => {
    const patch: JsonObject = JSON.parse('{"__proto__":{"x":1},"constructor":{"y":2}}')
    const merged = mergePatch({}, patch)
    expect(JSON.stringify(merged)).toBe('{"__proto__":{"x":1},"constructor":{"y":2}}')
    expect(mergePatch(merged, JSON.parse('{"__proto__":null}'))).toEqual({ constructor: { y: 2 } })
  })
})

describe('desiredDifference', () => {
  it.each([
    [
      { a: 1, b: 2 },
      { a: 1, c: 100 },
      { a: 1, b: null, c: 100 },
    ],
    [{ x: 1, o: {} }, { z: 9 }, { x: null, o: null, z: 9 }],
    [{ o: { x: 1, y: 2 } }, { o: { y: 2 } }, { o: { x: null, y: 2 } }],
    [{}, {}, {}],
  ] satisfies [JsonObject, JsonObject, JsonObject][])('from %j to %j is %j', (before, after, expected) => {
    expect(desiredDifference(before, after)).toEqual(expected)
  })

  it('brings a device that merges it to the new document, whatever the documents are', () => {
    const { tree } = fc.letrec<{ tree: JsonObject; leaf: JsonObject[string] }>(tie => ({
      leaf: fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()), tie('tree')),
      tree: fc.dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), tie('leaf'), { maxKeys: 3 }),
    }))
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        expect(sorted(mergePatch(before, desiredDifference(before, after)))).toBe(sorted(after))
      }),
    )
  })
})

/** JSON text with sorted keys; unlike toEqual it sees a member named `__proto__`. */
function sorted(document: JsonObject): string {
  return JSON.stringify(document, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}
