import { describe, expect, it } from 'vitest'
import { rowsOf } from '../../../../test/query-fixture.ts'
import { QueryError } from '../query-error.ts'
import { parseQuery } from './query-parser.ts'
import { maxQueryLength } from './tokenizer.ts'

const start = 'SELECT * FROM devices WHERE '

/** As many repetitions as fit behind the start and before the end. */
function filled(unit: string, end: string = ''): string {
  return start + unit.repeat(Math.floor((maxQueryLength - start.length - end.length) / unit.length)) + end
}

describe('a hostile query', () => {
  it.each([
    ['open parentheses', filled('(')],
    ['balanced parentheses', `${start}${'('.repeat(4000)}true${')'.repeat(4000)}`],
    ['NOTs', filled('NOT ', 'true')],
    ['minus signs', filled('- ', '1')],
    ['a chain of sums', filled('1+', '1')],
    ['a chain of comparisons', filled('1=', '1')],
    ['chains inside chains', filled(`(${'1+'.repeat(90)}`)],
    ['a chain of memberships', `${start}1${' IN []'.repeat(1300)}`],
    ['open lists', filled('[ ')],
    ['open lists in IN', `${start}1 IN ${'[ '.repeat(4000)}`],
    ['open escapes', filled('[[')],
    ['open calls', filled('ABS(')],
    ['open quotes', filled("'")],
    ['a long string that is not closed', filled('a', '').replace(start, `${start}'`).slice(0, maxQueryLength)],
    ['backslashes in a string', `${start}'${'\\'.repeat(8001)}`],
    ['a long name', filled('a')],
    ['dots', filled('a.')],
    ['digits', filled('9')],
    ['exponents', filled('1e')],
    ['spaces', filled(' ')],
    ['null characters', filled('\0')],
    ['halves of surrogate pairs', filled('\ud800')],
    ['over the limit', `${filled('true OR ', 'true')}${' '.repeat(20)}`],
    ['a megabyte', start + 'x'.repeat(1_000_000)],
  ])('of %s is refused or answered at once', (_name, text) => {
    let outcome: unknown
    try {
      outcome = rowsOf(text)
    } catch (error) {
      outcome = error
    }
    expect(Array.isArray(outcome) || outcome instanceof QueryError).toBe(true)
  })

  it('may be as long as 8192 characters, and no longer', () => {
    const longest = start.padEnd(maxQueryLength - 4, ' ').concat('true')
    expect(rowsOf(longest)).toHaveLength(4)
    expect(() => parseQuery(`${longest} `)).toThrow(/the query has 8193 characters, the maximum is 8192/)
  })

  it('may join as many conditions as fit', () => {
    expect(rowsOf(filled("deviceId='x' OR ", 'true'))).toHaveLength(4)
    expect(rowsOf(filled('tags.floor=3 AND ', 'true'))).toHaveLength(1)
    expect(rowsOf(`${start}deviceId IN [${"'x',".repeat(2000)}'cam-1']`)).toHaveLength(1)
  })

  it('may nest 100 levels deep', () => {
    expect(rowsOf(`${start}${'('.repeat(100)}true${')'.repeat(100)}`)).toHaveLength(4)
    expect(() => parseQuery(`${start}${'('.repeat(101)}true${')'.repeat(101)}`)).toThrow(/nests deeper than 100/)
    expect(rowsOf(`${start}0${'+1'.repeat(99)} > 1`)).toHaveLength(4)
    expect(() => parseQuery(`${start}0${'+1'.repeat(100)} > 1`)).toThrow(/nests deeper than 100/)
  })
})
