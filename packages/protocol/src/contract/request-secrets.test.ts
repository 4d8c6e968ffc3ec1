import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type ActionDefinition, action } from './action.ts'
import { divideRequest, holdsSecret, joinRequest, redactText, validateActionRequest } from './request-secrets.ts'

const url = 'https://images.example/fw.bin?sv=2024-11-04&sig=c2VjcmV0LWNhbmFyeS1zaWduYXR1cmU%3D'

describe('a request with secrets', () => {
  it('is divided, and joined again', () => {
    const request = { version: '2.0', url, headers: { authorization: 'canary' } }
    const divided = divideRequest(request, ['url', 'headers', 'missing'])
    expect(divided).toEqual({ open: { version: '2.0' }, secrets: { url, headers: { authorization: 'canary' } } })
    expect(joinRequest(divided)).toEqual(request)
  })

  it.each([null, 5, 'text', [url]])('that is no object, %j, has none', request => {
    expect(divideRequest(request, ['url'])).toEqual({ open: request, secrets: {} })
  })
})

describe('redactText', () => {
  it('takes out every text of the secrets, and the parts of a URL that open it', () => {
    const text = `GET ${url} failed; sig=c2VjcmV0LWNhbmFyeS1zaWduYXR1cmU%3D; Bearer canary`
    const clean = redactText(text, { url, headers: { authorization: ['canary'] } })
    expect(clean).toBe('GET [secret] failed; sig=[secret]; Bearer [secret]')
  })

  it('leaves texts alone that are too short to be told from others', () => {
    expect(redactText('an abc of it', { pin: 'abc' })).toBe('an abc of it')
  })
})

describe('holdsSecret', () => {
  it('finds a secret in JSON, also one that JSON has to escape', () => {
    const secrets = { password: 'quote " and \\ slash', tokens: ['token-1'] }
    expect(holdsSecret(JSON.stringify({ deep: [{ x: secrets.password }] }), secrets)).toBe(true)
    expect(holdsSecret(JSON.stringify('see token-1'), secrets)).toBe(true)
    expect(holdsSecret(JSON.stringify('token-2'), secrets)).toBe(false)
    expect(holdsSecret(JSON.stringify({ url: url.split('?')[1] }), { url })).toBe(true)
  })
})

describe('validateActionRequest', () => {
  const secret = 'canary-of-a-secret'
  it.each([
    [
      'valibot',
      action({ request: v.object({ url: v.pipe(v.string(), v.url()), size: v.number() }), secrets: ['url'] }),
    ],
    ['zod', action({ request: z.object({ url: z.url(), size: z.number() }), secrets: ['url'] })],
    ['arktype', action({ request: type({ url: 'string.url', size: 'number' }), secrets: ['url'] })],
  ])('does not quote a secret in an issue: %s', (_name, update: ActionDefinition) => {
    const checked = validateActionRequest(update, { url: secret, size: secret }, 'request')
    if (checked.valid) throw new TypeError('expected issues')
    expect(checked.issues.map(({ path }) => path[0])).toEqual(expect.arrayContaining(['url', 'size']))
    expect(checked.issues.find(({ path }) => path[0] === 'url')?.message).toBe('breaks the schema')
    expect(JSON.stringify(checked)).not.toContain(secret)
  })

  it('gives what the schema makes of a valid request', () => {
    const request = v.object({ url: v.pipe(v.string(), v.minLength(1)) })
    const checked = validateActionRequest(action({ request, secrets: ['url'] }), { url }, 'request')
    expect(checked).toEqual({ valid: true, value: { url } })
  })
})
