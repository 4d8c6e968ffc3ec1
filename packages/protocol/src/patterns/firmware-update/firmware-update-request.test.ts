import { describe, expect, it } from 'vitest'
import { validateActionRequest } from '../../contract/request-secrets.ts'
import type { JsonObject, JsonValue } from '../../json/json-value.ts'
import { decodeActionRequest } from '../../wire/action-request.ts'
import { firmwareUpdate } from './firmware-update.ts'

const sha256 = 'ab'.repeat(32)
const url = 'https://secureuri/package.bin'

/** What a device makes of the payload of the direct method. */
function requestOf(payload: JsonValue) {
  const decoded = decodeActionRequest(payload, firmwareUpdate.pattern?.fromBarePayload)
  return 'issues' in decoded ? decoded : validateActionRequest(firmwareUpdate, decoded.request, 'request')
}

describe('the request of firmwareUpdate', () => {
  // As Microsoft's tutorials and samples send it.
  it.each<[string, JsonValue, JsonObject]>([
    ['samples of the Node SDK', { fwPackageUri: 'https://secureurl' }, { fwPackageUri: 'https://secureurl' }],
    ['tutorial of 2017: a text', '{"fwPackageUri":"https://secureurl"}', { fwPackageUri: 'https://secureurl' }],
    [
      'automatic device management, with its names',
      { fwVersion: '2.8.5', fwPackageURI: url, fwPackageCheckValue: sha256 },
      { fwVersion: '2.8.5', fwPackageUri: url, fwPackageCheckValue: sha256 },
    ],
    [
      'both writings: the one of the method counts',
      { fwPackageUri: url, fwPackageURI: 'https://other' },
      { fwPackageUri: url },
    ],
    [
      'a digest in upper case',
      { fwPackageUri: url, fwPackageCheckValue: sha256.toUpperCase() },
      { fwPackageUri: url, fwPackageCheckValue: sha256 },
    ],
    ['a compact JWS alone', { manifest: 'e30.e30.c2ln' }, { manifest: 'e30.e30.c2ln' }],
    [
      'detached signatures, and what is not known',
      { manifest: { document: '{}', signatures: ['e30..c2ln'] }, keySets: ['e30.e30.c2ln'], also: 1 },
      { manifest: { document: '{}', signatures: ['e30..c2ln'] }, keySets: ['e30.e30.c2ln'] },
    ],
  ])('is understood as sent by: %s', (_, payload, request) => {
    expect(requestOf(payload)).toEqual({ valid: true, value: request })
  })

  it.each([
    'http://secureurl',
    'ftp://secureurl',
    'secureurl',
    'httpsx://secureurl',
    '',
    'file:///etc/passwd',
    'data:,x',
  ])('F14: has the documented answer for the URL %j', fwPackageUri => {
    for (const member of ['fwPackageUri', 'fwPackageURI']) {
      expect(requestOf({ [member]: fwPackageUri, manifest: 'e30.e30.c2ln' })).toEqual({
        valid: false,
        issues: [{ path: [], message: 'Invalid URL format.  Must use https:// protocol.' }],
      })
    }
  })

  it('F14, F23: refuses a user name in the URL, and does not repeat it', () => {
    const refused = requestOf({ fwPackageUri: 'https://user:canary@images.example.com/a' })
    expect(refused).toMatchObject({ issues: [{ message: 'The URL must hold no user name and no password.' }] })
    expect(JSON.stringify(refused)).not.toContain('canary')
  })

  it.each<[JsonValue, string]>([
    [{ fwPackageUri: url, fwPackageCheckValue: '123456abcde' }, 'fwPackageCheckValue'], // as in the tutorial
    [{ fwPackageUri: url, fwPackageCheckValue: `${sha256}00` }, 'fwPackageCheckValue'],
    [{ fwPackageUri: url, fwPackageCheckValue: 5 }, 'fwPackageCheckValue'],
    [{ fwPackageUri: url, fwVersion: '../2.8.5' }, 'fwVersion'],
    [{ fwPackageUri: url, fwVersion: 285 }, 'fwVersion'],
    [{ fwPackageUri: 5 }, 'fwPackageUri'],
    [{ manifest: { document: '{}', signatures: [] } }, 'manifest'],
    [{ manifest: {} }, 'manifest'],
    [{ fwPackageUri: url, keySets: Array.from({ length: 9 }, () => 'x') }, 'keySets'],
  ])('is refused for %j', (payload, member) => {
    expect(requestOf(payload)).toMatchObject({ issues: [{ path: expect.arrayContaining([member]) }] })
  })

  it.each([[null], [{}], [{ fwVersion: '2.8.5' }], ['{}']])('is refused without a URL and a manifest: %j', payload => {
    expect(requestOf(payload)).toMatchObject({
      issues: [{ path: [], message: expect.stringMatching(/^fwPackageUri is missing/) }],
    })
  })

  it.each([[5], [true], [[]], ['not JSON']])('is refused for %j', payload => {
    expect(requestOf(payload)).toEqual({ issues: [{ path: [], message: 'must be an object' }] })
  })

  it('F23: has the URL for a secret, in either writing', () => {
    expect(firmwareUpdate.secrets).toEqual(['fwPackageUri', 'fwPackageURI'])
  })
})

describe('the desired section firmware', () => {
  const toRequest = firmwareUpdate.pattern?.desired?.toRequest

  it('is a request, as the tutorial sets it', () => {
    const section = { fwVersion: '2.8.5', fwPackageURI: url, fwPackageCheckValue: sha256 }
    expect(toRequest?.(section)).toEqual(section)
  })

  it('passes on an operation id, an expiry and the manifest, and nothing else', () => {
    const section = { manifest: 'e30.e30.c2ln', operationId: 'op-1', expiresAt: '2027-01-31T12:00:00Z' }
    expect(toRequest?.({ ...section, note: 'spring release' })).toEqual(section)
  })

  it.each([[null], [{}], [{ note: 'nothing asked' }], ['2.8.5'], [[]], [{ operationId: 'op-1' }]])(
    'asks for nothing with %j',
    section => {
      expect(toRequest?.(section)).toBeUndefined()
    },
  )
})
