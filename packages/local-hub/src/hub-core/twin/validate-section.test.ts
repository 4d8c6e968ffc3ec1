import { describe, expect, it } from 'vitest'
import type { JsonObject, JsonValue } from '../json/json.ts'
import { assertSectionSize, sectionSize } from './section-size.ts'
import { validateSection } from './validate-section.ts'

const nested = (depth: number, inside: JsonValue): JsonObject =>
  depth === 0 ? { leaf: inside } : { level: nested(depth - 1, inside) }

const sectionOfSize = (size: number): JsonObject => ({ a: 'x'.repeat(size - 1) })

describe('validateSection', () => {
  it.each([
    ['any other Unicode in keys', { 'naïve-ключ_🔑': 1, '': 2, '<m2(': 3 }],
    ['a key of 1024 bytes', { ['k'.repeat(1024)]: 1 }],
    ['a string of 4096 bytes', { a: 'x'.repeat(4096) }],
    ['a scalar in the tenth object', nested(10, 1)],
    ['the largest and smallest integer', { a: 4503599627370495, b: -4503599627370496 }],
    ['a fraction', { a: 1.5, b: 1e-300 }],
    ['arrays of anything but null', { a: [1, 'x', true, [2], { b: 3 }] }],
  ])('accepts %s', (_name, section) => {
    expect(() => validateSection(section, 'illegal')).not.toThrow()
  })

  it.each([
    [
      'a dot in a key',
      { 'a.b': 1 },
      /invalid characters. Error in Property\/Tag a\.b\. Must not contain Control Characters/,
    ],
    ['a dollar', { $version: 1 }, /\$version/],
    ['a hash', { 'a#': 1 }, /a#/],
    ['a blank', { o: { 'a b': 1 } }, /a b/],
    ['a C0 control character', { 'a\u0007': 1 }, /invalid characters/],
    ['a C1 control character', { 'a\u0085': 1 }, /invalid characters/],
    ['a key of 1025 bytes', { ['k'.repeat(1025)]: 1 }, /longer than 1024 bytes/],
    ['a string of 4097 bytes', { a: 'ä'.repeat(2049) }, /longer than 4096 bytes/],
    ['an eleventh object', nested(11, 1), /deeper than 10 levels/],
    ['an object in arrays below the tenth level', nested(9, [[{ a: 1 }]]), /deeper than 10 levels/],
    ['an integer too large', { a: 4503599627370496 }, /must be within/],
    ['an integer too small', { a: -4503599627370497 }, /must be within/],
    ['an integer too large in an array', { a: [1e300] }, /must be within/],
    ['null in an array', { a: [null] }, /must not contain null/],
    ['null in an object in an array', { a: [{ b: null }] }, /must not be null/],
    ['an illegal key in an array', { a: [{ 'b.c': 1 }] }, /invalid characters/],
  ])('refuses %s', (_name, section, message) => {
    expect(() => validateSection(section, 'deletes')).toThrow(
      expect.objectContaining({ status: 400, number: 400004, form: 'nested', message: expect.stringMatching(message) }),
    )
  })

  it('takes null as a deletion in a patch only', () => {
    expect(() => validateSection({ a: null, o: { b: null } }, 'deletes')).not.toThrow()
    expect(() => validateSection({ o: { b: null } }, 'illegal')).toThrow(/must not be null/)
  })

  it('refuses bottomless nesting without running out of stack', () => {
    const deep: JsonObject = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)
    expect(() => validateSection(deep, 'deletes')).toThrow(/deeper than 10 levels/)
  })
})

describe('sectionSize', () => {
  it('counts keys and values the way the hub does', () => {
    expect(sectionSize({ ab: 'xyz', n: 1, b: true, o: { k: 'v' }, list: [1, 'ab'] })).toBe(
      2 + 3 + (1 + 8) + (1 + 4) + (1 + 2) + (4 + 8 + 2),
    )
  })

  it('does not count control characters', () => {
    expect(sectionSize({ a: 'x\n\ty\u0085' })).toBe(3)
  })

  it.each([
    ['tags', 8, 'ArgumentInvalid', 400],
    ['desired', 32, 'ArgumentInvalid', 400],
    ['reported', 32, 'MessageTooLarge', 413],
  ] as const)('of %s may be %i KB', (name, kilobytes, code, status) => {
    expect(() => assertSectionSize(name, sectionOfSize(kilobytes * 1024))).not.toThrow()
    expect(() => assertSectionSize(name, sectionOfSize(kilobytes * 1024 + 1))).toThrow(
      expect.objectContaining({ code, status }),
    )
  })
})
