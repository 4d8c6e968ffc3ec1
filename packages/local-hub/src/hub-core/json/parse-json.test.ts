import { describe, expect, it } from 'vitest'
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
})
