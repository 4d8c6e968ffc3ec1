import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPropertyBag, parsePropertyBag } from './property-bag.ts'

describe('parsePropertyBag', () => {
  it.each([
    ['', {}, {}],
    ['/', {}, {}],
    [
      // As the official Node.js client sends it.
      '%24.mid=id%201&%24.ct=application%2Fjson&%24.ce=utf-8&a%20b=c%2Fd&%24.sub=comp',
      { messageId: 'id 1', contentType: 'application/json', contentEncoding: 'utf-8', componentName: 'comp' },
      { 'a b': 'c/d' },
    ],
    ['%24.on=out1', { outputName: 'out1' }, {}],
    ['%24.on=out1/', { outputName: 'out1' }, {}],
    [
      '$.cid=c&$.uid=u&$.to=t&$.exp=2026-01-01T00%3A00%3A00Z&$.ctime=x&$.cdid=d&$.cmid=m&$.ifid=i&$.schema=s',
      {
        correlationId: 'c',
        userId: 'u',
        to: 't',
        expiryTimeUtc: '2026-01-01T00:00:00Z',
        creationTimeUtc: 'x',
        connectionDeviceId: 'd',
        connectionModuleId: 'm',
        interfaceId: 'i',
        messageSchema: 's',
      },
      {},
    ],
    ['$.unknown=1', {}, { '$.unknown': '1' }],
    ['a', {}, { a: '' }],
    ['a=', {}, { a: '' }],
    ['=a', {}, { '': 'a' }],
    ['a=b=c', {}, { a: 'b=c' }],
    ['a=1&a=2', {}, { a: '2' }],
    ['&&a=1&', {}, { a: '1' }],
    ['a+b=c+d', {}, { 'a+b': 'c+d' }],
    ['a=%zz', {}, { a: '%zz' }],
    ['constructor=1&toString=2', {}, { constructor: '1', toString: '2' }],
    ['gr%C3%BC%C3%9Fe=%F0%9F%94%91', {}, { grüße: '🔑' }],
  ])('reads %s', (bag, systemProperties, properties) => {
    expect(parsePropertyBag(bag)).toEqual({ systemProperties, properties })
  })

  it('gives a property of any name, however evil, no other meaning', () => {
    expect(Object.entries(parsePropertyBag('__proto__=x').properties)).toEqual([['__proto__', 'x']])
  })
})

describe('formatPropertyBag', () => {
  it('writes what parsePropertyBag reads back', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.dictionary(text, text), properties => {
        const { properties: read, systemProperties } = parsePropertyBag(formatPropertyBag(Object.entries(properties)))
        expect({ ...read, ...systemProperties }).toEqual({ ...properties })
      }),
      { seed: 1, numRuns: 500 },
    )
  })
})
