import { startLocalHub } from '@iothub-dm/local-hub'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAzureIotHub } from '../adapters/azure-iothub/azure-iot-hub.ts'
import { sharedKeyCredentials } from '../adapters/azure-iothub/shared-key-credentials.ts'
import { literal } from './literal.ts'
import { where } from './where.ts'

/** Reads the text constant that a query begins with, by the published grammar: what it says, and what comes after it. */
function readText(query: string): { readonly value: string; readonly rest: string } {
  const [quoted = ''] = /^'(?:[^'\\]|\\['"\\]|\\u[0-9a-f]{4})*'/.exec(query) ?? []
  const value = quoted
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-f]{4})|(.))/g, (_, code: string | undefined, character: string | undefined) =>
      code === undefined ? (character ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
    )
  return { value, rest: query.slice(quoted.length) }
}

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom("'", '"', '\\', 'u', '0', ' ', 'OR', '1=1', '\n', '\0', '\u2028', '\ud800', 'ø') }),
)

describe('a text in a query', () => {
  it('C12: is read as it was written, and ends where it should, whatever it holds', () => {
    fc.assert(
      fc.property(nasty, text => {
        expect(readText(`${literal(text)} AND x`)).toEqual({ value: text, rest: ' AND x' })
      }),
      { numRuns: 10_000 },
    )
  })

  it('C12: finds the device whose tag it is, and no other', async () => {
    await using hub = await startLocalHub()
    const client = createAzureIotHub(sharedKeyCredentials(hub.connectionString('iothubowner')), {
      endpoint: hub.httpsEndpoint,
      ca: hub.caCertificate,
    })
    // What the hub takes as a value of a tag.
    const tag = nasty.filter(text => !/\p{Surrogate}/u.test(text) && Buffer.byteLength(text) <= 512)
    const texts = [...new Set(["' OR true OR '", ...fc.sample(tag, { numRuns: 60, seed: 1 })])]
    for (const [index, text] of texts.entries()) {
      await client.createDevice(`cam-${index}`)
      await client.patchTwin(`cam-${index}`, { tags: { site: text } })
    }
    for (const [index, text] of texts.entries()) {
      const { text: condition } = where(t => t.tags('site').eq(text))
      const { rows } = await client.query(`SELECT deviceId FROM devices WHERE ${condition}`)
      expect(rows).toEqual([{ deviceId: `cam-${index}` }])
    }
    client.close()
  })
})

describe('a number in a query', () => {
  it.each([
    [5, '5'],
    [-0.25, '-0.25'],
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
  ])('%d is %s', (value, expected) => {
    expect(literal(value)).toBe(expected)
  })

  it('is read as it was', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), value => {
        expect(Number(literal(value)) === value).toBe(true)
      }),
    )
  })
})
