import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../json/json-value.ts'
import { decodeActionRequest, encodeActionRequest, isOperationId } from './action-request.ts'

function parseText(bare: JsonValue): JsonValue {
  return typeof bare === 'string' ? JSON.parse(bare) : bare
}

const expiresAt = '2027-01-31T12:00:00.000Z'

describe('encodeActionRequest', () => {
  it('puts the reserved members beside those of the request', () => {
    expect(encodeActionRequest({ operationId: 'op-1', expiresAt, request: { delaySeconds: 5 } })).toEqual({
      delaySeconds: 5,
      operationId: 'op-1',
      expiresAt,
    })
    expect(encodeActionRequest({ operationId: 'op-1', request: undefined })).toEqual({ operationId: 'op-1' })
  })

  it('does not let the request speak for them', () => {
    const request = { operationId: 'forged', expiresAt: 'never' }
    expect(encodeActionRequest({ operationId: 'op-1', expiresAt, request })).toEqual({ operationId: 'op-1', expiresAt })
  })

  it('is read back as it was', () => {
    const request = fc.dictionary(
      fc.string().filter(key => key !== 'operationId' && key !== 'expiresAt'),
      fc.oneof(fc.integer(), fc.string(), fc.boolean()),
    )
    const operationId = fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/)
    fc.assert(
      fc.property(
        operationId,
        fc.option(fc.constant(expiresAt), { nil: undefined }),
        request,
        (id, expiry, members) => {
          const payload: JsonValue = JSON.parse(
            JSON.stringify(encodeActionRequest({ operationId: id, expiresAt: expiry, request: members })),
          )
          expect(decodeActionRequest(payload)).toEqual({
            operationId: id,
            request: JSON.parse(JSON.stringify(members)),
            ...(expiry === undefined ? {} : { expiresAt: expiry }),
          })
        },
      ),
    )
  })
})

describe('decodeActionRequest', () => {
  it('takes a request that a person typed', () => {
    expect(decodeActionRequest({ delaySeconds: 5 })).toEqual({ request: { delaySeconds: 5 } })
    expect(decodeActionRequest({})).toEqual({ request: {} })
  })

  it('takes null for an absent reserved member', () => {
    expect(decodeActionRequest({ operationId: null, expiresAt: null })).toEqual({ request: {} })
  })

  it.each([[5], ['Test payload'], [true], [[1, 2]], [[]]])('leaves the bare payload %j to the pattern', payload => {
    expect(decodeActionRequest(payload)).toEqual({ issues: [{ path: [], message: 'must be an object' }] })
    expect(decodeActionRequest(payload, bare => bare)).toEqual({ issues: [{ path: [], message: 'must be an object' }] })
    expect(decodeActionRequest(payload, bare => ({ bare }))).toEqual({ request: { bare: payload } })
  })

  it('finds the reserved members in what the pattern made of it', () => {
    expect(decodeActionRequest('{"operationId":"op-1","a":1}', parseText)).toEqual({
      operationId: 'op-1',
      request: { a: 1 },
    })
    expect(decodeActionRequest('{"operationId":""}', parseText)).toMatchObject({ issues: [{ path: ['operationId'] }] })
  })

  it('takes null for no members, unless the pattern knows better', () => {
    expect(decodeActionRequest(null)).toEqual({ request: {} })
    expect(decodeActionRequest(null, bare => ({ bare }))).toEqual({ request: { bare: null } })
  })

  it.each(['', 'x'.repeat(65), 'a b', 'a/b', 'ä', 5, true, {}, []])('refuses the operation id %j', operationId => {
    expect(decodeActionRequest({ operationId })).toEqual({
      issues: [
        { path: ['operationId'], message: 'must be 1 to 64 letters, digits, dots, colons, hyphens, underscores' },
      ],
    })
  })

  it.each([
    '',
    'tomorrow',
    '2027-01-31',
    '2027-01-31T12:00:00', // whose time zone?
    '2027-13-31T12:00:00Z',
    '2027-01-31T25:00:00Z',
    'Sun, 31 Jan 2027 12:00:00 GMT',
    1_800_000_000_000,
    {},
  ])('refuses the expiry %j', expiry => {
    expect(decodeActionRequest({ expiresAt: expiry })).toEqual({
      issues: [{ path: ['expiresAt'], message: 'must be a time in ISO 8601, such as 2027-01-31T12:00:00Z' }],
    })
  })

  it('tells everything that is wrong', () => {
    expect(decodeActionRequest({ operationId: '', expiresAt: 'soon' })).toMatchObject({ issues: [{}, {}] })
  })

  it.each(['2027-01-31T12:00:00Z', '2027-01-31T12:00Z', '2027-01-31T13:00:00+01:00', '2027-01-31T12:00:00.0000000Z'])(
    'brings the expiry %s to UTC',
    expiry => {
      expect(decodeActionRequest({ expiresAt: expiry })).toEqual({ request: {}, expiresAt })
    },
  )

  it('keeps hostile members as plain members', () => {
    const payload: JsonValue = JSON.parse('{"__proto__":{"operationId":"forged"},"a":1}')
    const decoded = decodeActionRequest(payload)
    expect(decoded).not.toHaveProperty('operationId')
    expect(JSON.stringify(decoded)).toBe('{"request":{"__proto__":{"operationId":"forged"},"a":1}}')
  })
})

it('isOperationId', () => {
  expect(['op-1', 'a', 'A.b_c:d-9', 'x'.repeat(64)].every(isOperationId)).toBe(true)
  expect(['', 'x'.repeat(65), 'a b', 'a\n', '$', null, undefined, 1].some(isOperationId)).toBe(false)
})
