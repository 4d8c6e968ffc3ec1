import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { document, documentExpression } from '../../../../test/query-arbitraries.ts'
import { JsonSource } from '../../../../test/query-fixture.ts'
import { oracleValue } from '../../../../test/query-oracle.ts'
import type { JsonValue } from '../../json/json.ts'
import { matchingDocuments } from '../execution/matching-documents.ts'
import { jsonDocument } from '../json-document.ts'
import { compileExpression } from './compile-expression.ts'

/** Zero and minus zero are the same value to a query. */
function plain(value: unknown): unknown {
  return value === 0 ? 0 : value
}

describe('an expression', () => {
  it('has the value that a naive oracle finds', () => {
    const property = fc.property(documentExpression, document, (expression, view) => {
      const value: JsonValue | undefined = compileExpression('devices', expression)(jsonDocument(view, '1'))
      expect(plain(value)).toEqual(plain(oracleValue(expression, view)))
    })
    fc.assert(property, { seed: 20_160_930, numRuns: 5000 })
  })

  it('selects the documents for which the oracle finds true, whether they are scanned or looked up', () => {
    const property = fc.property(documentExpression, fc.array(document, { maxLength: 8 }), (where, devices) => {
      const found = [...matchingDocuments(new JsonSource({ devices }), { collection: 'devices', where })]
      const expected = devices.filter(view => oracleValue(where, view) === true)
      expect(found.map(match => match.view())).toEqual(expected)
    })
    fc.assert(property, { seed: 20_160_930, numRuns: 2000 })
  })
})
