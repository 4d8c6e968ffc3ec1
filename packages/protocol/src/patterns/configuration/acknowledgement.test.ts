import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../../json/json-value.ts'
import { type ConfigurationAcknowledgement, decodeAcknowledgement, encodeAcknowledgement } from './acknowledgement.ts'

describe('encodeAcknowledgement', () => {
  it('writes the members of Plug and Play, and leaves out what there is not', () => {
    expect(encodeAcknowledgement({ value: { fps: 5 }, ac: 200, av: 7 })).toEqual({ value: { fps: 5 }, ac: 200, av: 7 })
    expect(Object.keys(encodeAcknowledgement({ ac: 400, av: 1, ad: 'fps: too small' }))).toEqual(['ac', 'av', 'ad'])
  })

  it('cuts the description to what fits beside the value', () => {
    expect(encodeAcknowledgement({ ac: 500, av: 1, ad: 'x'.repeat(1_000) }).ad).toHaveLength(128)
  })
})

describe('decodeAcknowledgement', () => {
  it('reads back what was written', () => {
    const acknowledgements: fc.Arbitrary<ConfigurationAcknowledgement> = fc
      .record({ value: fc.jsonValue(), ac: fc.constantFrom(200, 202, 203, 400, 500), av: fc.nat(), ad: fc.string() })
      .map(({ value, ac, av, ad }) => ({ value: JSON.parse(JSON.stringify(value)), ac, av, ad: ad.slice(0, 60) }))
    fc.assert(
      fc.property(acknowledgements, acknowledgement => {
        expect(decodeAcknowledgement(encodeAcknowledgement(acknowledgement))).toEqual(acknowledgement)
      }),
    )
  })

  it.each<[string, JsonValue | undefined]>([
    ['nothing', undefined],
    ['a plain value', 5],
    ['a list', [200, 1]],
    ['no code', { value: 1, av: 1 }],
    ['a code that is no number', { ac: '200', av: 1 }],
    ['no version', { value: 1, ac: 200 }],
  ])('is undefined for %s', (_, section) => {
    expect(decodeAcknowledgement(section)).toBeUndefined()
  })

  it('keeps codes that it does not know, and drops a description that is no text', () => {
    expect(decodeAcknowledgement({ value: 1, ac: 418, av: 2, ad: 3, other: true })).toEqual({
      value: 1,
      ac: 418,
      av: 2,
    })
  })
})
