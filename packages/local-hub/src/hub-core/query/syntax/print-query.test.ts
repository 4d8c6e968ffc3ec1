import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyExpression, anyQuery } from '../../../../test/query-arbitraries.ts'
import { parseCondition } from './condition-parser.ts'
import { printExpression } from './print-expression.ts'
import { printQuery } from './print-query.ts'
import { parseQuery } from './query-parser.ts'

describe('a printed tree', () => {
  it('of an expression parses to the same expression', () => {
    fc.assert(
      fc.property(anyExpression, where => {
        expect(parseCondition(printExpression(where)).where).toEqual(where)
      }),
      { seed: 1, numRuns: 2000 },
    )
  })

  it('of a query parses to the same query', () => {
    fc.assert(
      fc.property(anyQuery, query => {
        expect(parseQuery(printQuery(query))).toEqual(query)
      }),
      { seed: 1, numRuns: 1000 },
    )
  })

  it.each([
    [
      'select TOP 5 DeviceId as [[id]] from Devices where tags.a<>1',
      'SELECT TOP 5 DeviceId AS id FROM devices WHERE tags.a != 1',
    ],
    [
      'SELECT * FROM devices WHERE a AND b AND NOT (c OR -d)',
      'SELECT * FROM devices WHERE a AND b AND (NOT (c OR (- d)))',
    ],
    [
      "SELECT * FROM devices WHERE x IN ['\\u0007\"', -1, [ [true] ]]",
      "SELECT * FROM devices WHERE x IN [ '\\u0007\"', -1, [ [ true ] ] ]",
    ],
    [
      'SELECT COUNT(), MAX(tags.[[in]]) AS m FROM devices GROUP BY status',
      'SELECT COUNT(), MAX(tags.[[in]]) AS m FROM devices GROUP BY status',
    ],
  ])('%s has one spelling', (text, printed) => {
    expect(printQuery(parseQuery(text))).toBe(printed)
  })

  it('comes of a frozen tree', () => {
    const query = parseQuery('SELECT a.b FROM devices WHERE a IN [1, [ 2 ]] AND f.g = 1')
    const parts: unknown[] = [query]
    for (const part of parts) {
      if (typeof part !== 'object' || part === null) continue
      expect(Object.isFrozen(part)).toBe(true)
      parts.push(...Object.values(part))
    }
  })
})
