import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareFirmwareVersions, isFirmwareVersion } from './firmware-version.ts'

describe('a firmware version', () => {
  it.each(['1', '2.8.5', '1.2.3.4', '2026.11.05', '1.0.0-rc.1', '1.0.0-rc.1+build.7', '1.0.0+sha-ab12'])(
    'is %s',
    text => {
      expect(isFirmwareVersion(text)).toBe(true)
    },
  )

  // F13: it may become the name of a file or of a slot.
  it.each([
    '',
    '.',
    '..',
    '../../etc/x',
    '/etc/x',
    'C:\\x',
    '1.0/2',
    '1.0\0',
    'C',
    'CON',
    'nul',
    'v1.0',
    '1.',
    '1..2',
    '1.2.3.4.5',
    '1.0-',
    '1.0 ',
    '1.0\n',
    `1.${'0'.repeat(63)}`,
    '1'.repeat(300),
    1.5,
    null,
    undefined,
    {},
  ])('F13: is not %j', value => {
    expect(isFirmwareVersion(value)).toBe(false)
  })
})

describe('comparing versions', () => {
  // Semantic Versioning 2.0, item 11; F3.
  const ascending = [
    '0.9',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc1',
    '1.0.0',
    '1.2.3-rc1',
    '1.2.3',
    '1.2.3.1',
    '1.9.0',
    '1.10.0',
    '2',
  ]

  it('F3: puts 1.10.0 after 1.9.0, and 1.2.3-rc1 before 1.2.3', () => {
    for (const [index, left] of ascending.entries()) {
      for (const [other, right] of ascending.entries()) {
        expect(Math.sign(compareFirmwareVersions(left, right)), `${left} and ${right}`).toBe(Math.sign(index - other))
      }
    }
  })

  it('takes a missing number as 0, leading zeros as nothing, and leaves the build out', () => {
    expect(compareFirmwareVersions('1.0', '1.0.0+build')).toBe(0)
    expect(compareFirmwareVersions('2026.09.1', '2026.9.1')).toBe(0)
    expect(compareFirmwareVersions('1.0.0-rc.007', '1.0.0-rc.7')).toBe(0)
  })

  it('refuses what is no version', () => {
    expect(() => compareFirmwareVersions('1.0', 'next')).toThrow(TypeError)
  })

  const identifier = fc.stringMatching(/^[\dA-Za-z-]{1,6}$/)
  const version = fc
    .tuple(
      fc.array(fc.nat(99), { minLength: 1, maxLength: 4 }),
      fc.option(fc.array(identifier, { minLength: 1, maxLength: 3 })),
    )
    .map(([numbers, preRelease]) => numbers.join('.') + (preRelease === null ? '' : `-${preRelease.join('.')}`))

  it('is an order: reflexive, antisymmetric, transitive', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareFirmwareVersions(a, a)).toBe(0)
        expect(Math.sign(compareFirmwareVersions(a, b))).toBe(-Math.sign(compareFirmwareVersions(b, a)) + 0)
        if (compareFirmwareVersions(a, b) <= 0 && compareFirmwareVersions(b, c) <= 0) {
          expect(compareFirmwareVersions(a, c)).toBeLessThanOrEqual(0)
        }
      }),
    )
  })

  it('C18: takes hostile texts at once', () => {
    for (const text of ['1.'.repeat(25_000), `1-${'a.'.repeat(25_000)}`, `1+${'-'.repeat(50_000)}!`]) {
      expect(isFirmwareVersion(text)).toBe(false)
    }
  })
})
