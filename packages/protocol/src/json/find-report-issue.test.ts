import { describe, expect, it } from 'vitest'
import { findReportIssue } from './find-report-issue.ts'
import type { JsonObject } from './json-value.ts'
import { twinValueSize } from './twin-value-size.ts'

const big = 'x'.repeat(4_000)

function result(value: string | number): JsonObject {
  return { iothubDM: { work: { result: { list: [1, value] } } } }
}

describe('C13: findReportIssue', () => {
  it('names the path of a value that the hub would not take', () => {
    expect(findReportIssue({}, result('fine'))).toBeUndefined()
    expect(findReportIssue({}, result('x'.repeat(4_097)))).toEqual({
      path: ['iothubDM', 'work', 'result', 'list', 1],
      message: 'is a string of more than 4096 bytes',
    })
    expect(findReportIssue({}, result(2 ** 53))?.message).toBe('is an integer beyond 52 bits')
    expect(findReportIssue({}, { 'a.b': 1 })?.path).toEqual(['a.b'])
    expect(findReportIssue({}, { a: { $b: 1 } })?.path).toEqual(['a', '$b'])
  })

  it('takes a null in a patch for what it is', () => {
    expect(findReportIssue({ a: { b: 1 } }, { a: { b: null } })).toBeUndefined()
  })

  it('counts what is there already, and names the largest part of what would be too much', () => {
    const reported = { other: Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`key${index}`, big])) }
    expect(findReportIssue(reported, { a: { b: 'small' } })).toBeUndefined()
    const issue = findReportIssue(reported, { a: { b: 'small', c: { d: big, e: big } } })
    expect(issue?.path).toEqual(['a', 'c'])
    expect(issue?.message).toMatch(/^would bring the reported properties to 3\d{4} bytes, the hub allows 32768$/)
  })

  it('lets a twin that is too large become smaller', () => {
    const reported = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`key${index}`, big]))
    expect(findReportIssue(reported, { key0: null })).toBeUndefined()
  })
})

describe('twinValueSize', () => {
  it('counts as the device twins guide says', () => {
    expect(twinValueSize({ ab: 'cd\n', e: 1, f: true, g: [1, 'h'], i: { j: null } })).toBe(
      2 + 2 + 1 + 8 + 1 + 4 + 1 + 9 + 2,
    )
  })
})
