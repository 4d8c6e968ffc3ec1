import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject, JsonValue } from './json-value.ts'
import { applyMergePatch, createMergePatch, sameJson } from './merge-patch.ts'

/** Few keys, so that two objects often share some; `__proto__` among them, as a member of its own like JSON.parse makes it. */
const key = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor')

const { json } = fc.letrec<{ json: JsonValue }>(tie => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(fc.integer(), fc.string({ maxLength: 3 }), fc.boolean()),
    fc.array(tie('json'), { maxLength: 3 }),
    objectOf(tie('json')),
  ),
}))
const object = objectOf(json)

function objectOf(value: fc.Arbitrary<JsonValue>): fc.Arbitrary<JsonObject> {
  return fc.array(fc.tuple(key, value), { maxLength: 4 }).map(entries => Object.fromEntries(entries))
}

describe('createMergePatch and applyMergePatch', () => {
  it('bring any object without nulls to any other', () => {
    fc.assert(
      fc.property(object, object, (from, to) => {
        expect(applyMergePatch(from, createMergePatch(from, to) ?? {})).toEqual(to)
      }),
    )
  })

  it('have nothing to change exactly when the objects are the same', () => {
    fc.assert(
      fc.property(object, object, (from, to) => {
        expect(createMergePatch(from, from)).toBeUndefined()
        expect(createMergePatch(from, to) === undefined).toBe(sameJson(from, to))
      }),
    )
  })

  it('survive the way over JSON', () => {
    fc.assert(
      fc.property(object, object, (from, to) => {
        const patch: JsonObject = JSON.parse(JSON.stringify(createMergePatch(from, to) ?? {}))
        expect(applyMergePatch(from, patch)).toEqual(to)
      }),
    )
  })

  it('leave both arguments and every prototype as they were', () => {
    fc.assert(
      fc.property(object, object, (from, to) => {
        const before = JSON.stringify([from, to])
        applyMergePatch(from, createMergePatch(from, to) ?? {})
        expect(JSON.stringify([from, to])).toBe(before)
      }),
    )
    const hostile: JsonObject = JSON.parse(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    )
    const patched = applyMergePatch({}, hostile)
    expect(Object.hasOwn(patched, '__proto__')).toBe(true)
    expect(Object.getPrototypeOf(patched)).toBe(Object.prototype)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

describe('applyMergePatch', () => {
  // The examples of RFC 7396, appendix A, that patch an object with an object.
  it.each<[JsonObject, JsonObject, JsonObject]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j patched by %j is %j', (target, patch, result) => {
    expect(applyMergePatch(target, patch)).toEqual(result)
  })

  it('passes over undefined members', () => {
    expect(applyMergePatch({ a: 1, b: undefined }, { a: undefined })).toEqual({ a: 1 })
  })
})

describe('createMergePatch', () => {
  it('is as small as it can be', () => {
    expect(createMergePatch({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: 1, c: 4 }, d: 3 })).toEqual({ a: { c: 4 } })
  })

  it('deletes with null, also what became undefined', () => {
    expect(createMergePatch({ a: 1, b: 2 }, { a: undefined })).toEqual({ a: null, b: null })
  })

  it('replaces arrays whole', () => {
    expect(createMergePatch({ a: [1, 2] }, { a: [1, 3] })).toEqual({ a: [1, 3] })
  })
})

/** A thousand objects in each other. */
function nested(leaf: number): JsonObject {
  return JSON.parse(`${'{"a":'.repeat(1000)}${leaf}${'}'.repeat(1000)}`)
}

describe('sameJson', () => {
  it('passes over the order of members and undefined ones', () => {
    expect(sameJson({ a: 1, b: [{ c: 2, d: undefined }] }, { b: [{ c: 2 }], a: 1 })).toBe(true)
  })

  it.each<[JsonValue | undefined, JsonValue | undefined]>([
    [1, '1'],
    [null, undefined],
    [null, {}],
    [[], {}],
    [{ a: 1 }, {}],
    [{}, { a: 1 }],
    [[1], [1, 2]],
    [{ a: { b: 1 } }, { a: { b: 2 } }],
    [JSON.parse('{"__proto__":{}}'), {}],
  ])('%j is not %j', (left, right) => {
    expect(sameJson(left, right)).toBe(false)
    expect(sameJson(right, left)).toBe(false)
  })

  it('takes time that grows with the size, not with the depth: a request comes from outside', () => {
    expect(sameJson(nested(1), nested(1))).toBe(true)
    expect(sameJson(nested(1), nested(2))).toBe(false)
  })
})
