import { describe, expect, it } from 'vitest'
import { parsePayload } from './parse-payload.ts'

function parse(text: string) {
  return parsePayload(new TextEncoder().encode(text))
}

function nested(depth: number, open: string, close: string): string {
  return open.repeat(depth) + close.repeat(depth)
}

describe('parsePayload', () => {
  it.each([
    ['', null],
    ['null', null],
    ['5', 5],
    ['"text"', 'text'],
    [' {"a": [1, {"b": "]]]{{{"}]}\n', { a: [1, { b: ']]]{{{' }] }],
  ])('reads %j', (text, value) => {
    expect(parse(text)).toEqual({ valid: true, value })
  })

  it.each(['{', 'undefined', "{'a': 1}", '{"a":1}x', '\u0000'])('refuses %j', text => {
    expect(parse(text)).toEqual({ valid: false, reason: 'the payload is not JSON' })
  })

  it('reads a part of a buffer', () => {
    expect(parsePayload(new TextEncoder().encode('[1][2]').subarray(3))).toEqual({ valid: true, value: [2] })
  })

  it('keeps __proto__ a member like any other', () => {
    const parsed = parse('{"__proto__": {"polluted": true}}')
    expect(parsed.valid && Object.keys(Object(parsed.value))).toEqual(['__proto__'])
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('C2: refuses what is nested too deep, however it is written, in little time', () => {
    expect(parse(nested(64, '[', ']')).valid).toBe(true)
    for (const text of [nested(65, '[', ']'), nested(60_000, '[', ']'), `${'{"\\"[":'.repeat(65)}1${'}'.repeat(65)}`]) {
      const before = performance.now()
      expect(parse(text)).toEqual({ valid: false, reason: 'the payload is nested deeper than 64 levels' })
      expect(performance.now() - before).toBeLessThan(500)
    }
    expect(parse(JSON.stringify(Array.from({ length: 1_000 }, () => [])))).toMatchObject({ valid: true })
  })
})
