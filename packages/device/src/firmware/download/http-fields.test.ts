import { describe, expect, it } from 'vitest'
import { parseContentRange } from './content-range.ts'
import { contentValidator } from './content-validator.ts'
import { isPublicAddress } from './public-address.ts'
import { parseRetryAfter } from './retry-after.ts'
import { isTooSlow } from './transfer-watch.ts'

describe('parseContentRange', () => {
  it('reads what a server says of a part', () => {
    expect(parseContentRange('bytes 5-9/10')).toEqual({ first: 5, last: 9, total: 10 })
  })

  it.each([
    undefined,
    '',
    'bytes 5-9/*',
    'bytes */10',
    'bytes 9-5/10',
    'bytes 5-10/10',
    'items 5-9/10',
    'bytes 5-9/10, bytes 1-2/10',
    'bytes -5-9/10',
    `bytes 0-1/${'9'.repeat(16)}`,
  ])('takes no other: %s', value => {
    expect(parseContentRange(value)).toBeUndefined()
  })
})

describe('contentValidator', () => {
  const changed = 'Tue, 01 Jan 2030 00:00:00 GMT'

  it('is a strong ETag', () => {
    expect(contentValidator({ etag: '"v1"', 'last-modified': changed })).toBe('"v1"')
    expect(contentValidator({ etag: '""' })).toBe('""')
  })

  it.each(['W/"v1"', 'v1', '"v"1"', '"v\r\n1"', `"${'v'.repeat(201)}"`])('is no other ETag: %s', etag => {
    expect(contentValidator({ etag })).toBeUndefined()
  })

  it('is a date that lies a second before the answer', () => {
    const date = 'Tue, 01 Jan 2030 00:00:01 GMT'
    expect(contentValidator({ date, 'last-modified': changed })).toBe(changed)
    expect(contentValidator({ date: changed, 'last-modified': changed })).toBeUndefined()
    expect(contentValidator({ 'last-modified': changed })).toBeUndefined()
    expect(contentValidator({ date, 'last-modified': 'nonsense' })).toBeUndefined()
    expect(contentValidator({})).toBeUndefined()
  })
})

describe('parseRetryAfter', () => {
  const now = Date.parse('2030-01-01T00:00:00Z')

  it.each([
    ['120', 120_000],
    ['0', 0],
    ['Tue, 01 Jan 2030 00:00:30 GMT', 30_000],
    ['Mon, 31 Dec 2029 23:59:59 GMT', undefined],
    ['-1', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ])('reads %s as %s ms', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected)
  })
})

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])('is true of %s', address => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    'no address',
  ])('is false of %s', address => {
    expect(isPublicAddress(address)).toBe(false)
  })
})

describe('isTooSlow', () => {
  it('counts the bytes of a window', () => {
    const limits = { stallTimeoutInMs: 1, minRateInBytesPerSecond: 100, rateWindowInMs: 2_000 }
    expect([isTooSlow(199, limits), isTooSlow(200, limits)]).toEqual([true, false])
    expect(isTooSlow(0, { ...limits, minRateInBytesPerSecond: 0 })).toBe(false)
  })
})
