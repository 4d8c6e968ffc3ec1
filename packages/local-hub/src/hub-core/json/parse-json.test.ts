import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatJson } from './format-json.ts'
import { parseJson } from './parse-json.ts'

const nested = (levels: number): string => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`

describe('JSON that is read', () => {
  it('may be nested 256 levels deep', () => {
    expect(JSON.stringify(parseJson(nested(256)))).toBe(nested(256))
    expect(() => parseJson(`[${nested(256)}]`)).toThrow(SyntaxError)
    expect(() => parseJson(nested(400_000))).toThrow(new SyntaxError('JSON must not be nested deeper than 256 levels'))
  })

  it.each(['', '{', 'undefined', '{"a":1}x'])('is refused as ever when it is none: %s', text => {
    expect(() => parseJson(text)).toThrow(SyntaxError)
  })

  it('keeps numbers as they were written', () => {
    const text = '{"a":1.0,"b":[-0,1e3,9007199254740993,{"c":1.50}],"1.0":"2.0","d":"\\"3.0","e":21.5}'
    const value = parseJson(text)
    expect(formatJson(value)).toBe(text)
    expect(JSON.stringify(value)).toBe(
      '{"a":1,"b":[0,1000,9007199254740992,{"c":1.5}],"1.0":"2.0","d":"\\"3.0","e":21.5}',
    )
  })

  it('takes no text for a number', () => {
    const text = '{"a":1.0,"b":"0:2.0","c":["1:3.0","2:","10:x"],"d":"3","e":2.50}'
    expect(formatJson(parseJson(text))).toBe(text)
  })

  it('is written as it was read, whatever it is', () => {
    const number = fc
      .tuple(fc.integer(), fc.constantFrom('', '.0', '.50', 'e2', 'E-3', '.10e+1'))
      .map(parts => parts.join(''))
    const { json } = fc.letrec<{ json: string }>(tie => ({
      json: fc.oneof(
        { maxDepth: 4 },
        number,
        fc.string({ unit: 'binary' }).map(text => JSON.stringify(text)),
        fc.constantFrom('true', 'null', '{}', '[]'),
        fc.array(tie('json'), { minLength: 1 }).map(elements => `[${elements.join(',')}]`),
        fc
          .uniqueArray(
            fc.tuple(
              fc.string({ minLength: 1 }).filter(key => !/^\d+$/.test(key)),
              tie('json'),
            ),
            {
              selector: ([key]) => key,
              minLength: 1,
            },
          )
          .map(members => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
      ),
    }))
    fc.assert(
      fc.property(json, text => {
        expect(formatJson(parseJson(text))).toBe(text)
      }),
    )
  })
})
