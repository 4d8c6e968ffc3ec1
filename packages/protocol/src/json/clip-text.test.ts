import { expect, it } from 'vitest'
import { clipText } from './clip-text.ts'

it('keeps a text that fits', () => {
  expect(clipText('abc', 3)).toBe('abc')
  expect(clipText('', 3)).toBe('')
  expect(clipText('a\u{1F600}', 3)).toBe('a\u{1F600}')
})

it('cuts a text that does not', () => {
  expect(clipText('abcd', 3)).toBe('abc')
})

it('never cuts a surrogate pair in two', () => {
  expect(clipText('ab\u{1F600}', 3)).toBe('ab')
})
