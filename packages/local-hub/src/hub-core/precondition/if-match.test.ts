import { describe, expect, it } from 'vitest'
import { assertPrecondition, parseIfMatch } from './if-match.ts'

describe('parseIfMatch', () => {
  it.each([
    [undefined, { kind: 'none' }],
    ['*', { kind: 'any' }],
    ['"*"', { kind: 'any' }],
    ['"AAA="', { kind: 'etag', etag: 'AAA=' }],
    ['AAA=', { kind: 'etag', etag: 'AAA=' }],
    ['"', { kind: 'etag', etag: '"' }],
  ])('reads %s', (header, expected) => {
    expect(parseIfMatch(header)).toEqual(expected)
  })
})

describe('assertPrecondition', () => {
  it('refuses only another etag', () => {
    expect(() => assertPrecondition({ kind: 'none' }, 'a')).not.toThrow()
    expect(() => assertPrecondition({ kind: 'any' }, 'a')).not.toThrow()
    expect(() => assertPrecondition({ kind: 'etag', etag: 'a' }, 'a')).not.toThrow()
    expect(() => assertPrecondition({ kind: 'etag', etag: 'b' }, 'a')).toThrow(
      expect.objectContaining({ status: 412, code: 'PreconditionFailed' }),
    )
  })
})
