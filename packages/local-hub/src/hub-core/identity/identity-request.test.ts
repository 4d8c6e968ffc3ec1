import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../json/json.ts'
import type { IdentitySettings } from './device-identity.ts'
import { parseIdentityRequest } from './identity-request.ts'

const keyOf = (byteCount: number): string => Buffer.alloc(byteCount, 7).toString('base64')

function parse(body: JsonValue): IdentitySettings {
  return parseIdentityRequest(body, 'd1', randomBytes)
}

describe('parseIdentityRequest', () => {
  it.each([
    {},
    { authentication: null },
    { authentication: { type: 'sas', symmetricKey: { primaryKey: '', secondaryKey: '' } } },
    { authentication: { type: 'sas', symmetricKey: {} } },
    { authentication: { type: 'sas', symmetricKey: { primaryKey: null, secondaryKey: null } } },
  ])('generates two different keys for %j', body => {
    const { authentication } = parse(body)
    const keys = authentication.type === 'sas' ? Object.values(authentication.symmetricKey) : []
    expect(keys.map(key => Buffer.from(key, 'base64').length)).toEqual([32, 32])
    expect(new Set(keys).size).toBe(2)
  })

  it('keeps keys of 16 to 64 bytes', () => {
    const symmetricKey = { primaryKey: keyOf(16), secondaryKey: keyOf(64) }
    expect(parse({ authentication: { symmetricKey } }).authentication).toEqual({ type: 'sas', symmetricKey })
  })

  it('derives the type from thumbprints', () => {
    const x509Thumbprint = { primaryThumbprint: 'A'.repeat(40), secondaryThumbprint: null }
    expect(parse({ authentication: { x509Thumbprint } }).authentication).toEqual({ type: 'selfSigned', x509Thumbprint })
  })

  it('is enabled unless told otherwise, and ignores read-only members', () => {
    expect(
      parse({ etag: '*', generationId: '1', connectionState: 'Connected', capabilities: { iotEdge: false } }),
    ).toMatchObject({ status: 'enabled', statusReason: null })
    expect(parse({ status: 'disabled', statusReason: 'lost' })).toMatchObject({
      status: 'disabled',
      statusReason: 'lost',
    })
  })

  it.each([
    ['no object', [], 'ArgumentInvalid'],
    ['another id', { deviceId: 'd2' }, 'ArgumentInvalid'],
    ['an unknown status', { status: 'on' }, 'ArgumentInvalid'],
    ['a reason that is no text', { statusReason: 1 }, 'ArgumentInvalid'],
    ['one key', { authentication: { symmetricKey: { primaryKey: keyOf(32) } } }, 'ArgumentInvalid'],
    [
      'a short key',
      { authentication: { symmetricKey: { primaryKey: keyOf(15), secondaryKey: keyOf(32) } } },
      'ArgumentInvalid',
    ],
    [
      'a long key',
      { authentication: { symmetricKey: { primaryKey: keyOf(32), secondaryKey: keyOf(65) } } },
      'ArgumentInvalid',
    ],
    [
      'no Base64',
      { authentication: { symmetricKey: { primaryKey: 'ä'.repeat(40), secondaryKey: keyOf(32) } } },
      'ArgumentInvalid',
    ],
    ['type none', { authentication: { type: 'none' } }, 'DeviceAuthenticationTypeIsMissing'],
    [
      'colons in a thumbprint',
      { authentication: { x509Thumbprint: { primaryThumbprint: 'AA:BB' } } },
      'StringIsNotThumbprint',
    ],
  ])('refuses %s', (_name, body, code) => {
    expect(() => parse(body)).toThrow(expect.objectContaining({ status: 400, code }))
  })

  it('does not repeat a key in its refusal', () => {
    const primaryKey = keyOf(12)
    expect(() => parse({ authentication: { symmetricKey: { primaryKey, secondaryKey: primaryKey } } })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining(primaryKey) }),
    )
  })
})
