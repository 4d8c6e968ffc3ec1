import { describe, expect, it } from 'vitest'
import { parseFirmwareKeySet } from './firmware-key-set.ts'

const first = { kid: 'release-1', x: `${'A'.repeat(42)}A` }
const second = { kid: 'release-2', x: `${'B'.repeat(42)}A` }
const keySet = { version: 1, threshold: 1, keys: [first] }

function parse(changes: object) {
  return parseFirmwareKeySet(JSON.stringify({ ...keySet, ...changes }))
}

describe('the text of a key set', () => {
  it('is read whole', () => {
    const whole = { version: 2, threshold: 2, keys: [first, { ...second, debug: true }] }
    expect(parseFirmwareKeySet(JSON.stringify(whole))).toEqual({ valid: true, value: whole })
  })

  it.each([
    ['the same key twice', { keys: [first, first] }],
    ['the same key under two ids', { keys: [first, { ...first, kid: 'release-2' }] }],
    ['two keys under one id', { keys: [first, { ...second, kid: first.kid }] }],
    ['the same key in two writings', { keys: [first, { kid: 'other', x: `${'A'.repeat(42)}B` }] }],
  ])('F21: is refused with %s', (_, changes) => {
    expect(parse(changes).valid).toBe(false)
  })

  it.each([
    { threshold: 0 },
    { threshold: 2 },
    { threshold: 1.5 },
    { version: 0 },
    { version: '1' },
    { keys: [] },
    { keys: [{ kid: 'a b', x: first.x }] },
    { keys: [{ kid: 'short', x: 'AAAA' }] },
    { keys: [{ ...first, d: 'a private key' }] },
    { also: 1 },
  ])('is refused with %j', changes => {
    expect(parse(changes).valid).toBe(false)
  })
})
