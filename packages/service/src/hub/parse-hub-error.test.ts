import { describe, expect, it } from 'vitest'
import { parseHubError } from './parse-hub-error.ts'

const offline = {
  errorCode: 404103,
  trackingId: '28F7A-G2:-TimeStamp:2026-08-15T09:07:36.757669697Z',
  message: "The operation failed because the requested device isn't online.",
  info: null,
  timestampUtc: '2026-08-15T09:07:36.757669697Z',
}

describe('parseHubError', () => {
  it('reads the older body', () => {
    const body = JSON.stringify({
      Message: 'ErrorCode:DeviceNotFound;cam-1',
      ExceptionMessage: 'Tracking ID:28F7A-G2:-TimeStamp:2026-08-15T09:07:36.757669697Z',
    })
    expect(parseHubError({ httpStatus: 404, body })).toEqual({
      hubCode: 404001,
      text: 'cam-1',
      trackingId: '28F7A-G2:',
      retryAfterInMs: undefined,
    })
  })

  it('reads a flat body', () => {
    expect(parseHubError({ httpStatus: 404, body: JSON.stringify(offline) })).toEqual({
      hubCode: 404103,
      text: offline.message,
      trackingId: '28F7A-G2:',
      retryAfterInMs: undefined,
    })
  })

  it('reads a flat body inside Message', () => {
    const body = JSON.stringify({ Message: JSON.stringify(offline), ExceptionMessage: '' })
    expect(parseHubError({ httpStatus: 404, body })).toMatchObject({ hubCode: 404103, text: offline.message })
  })

  it('takes the header first, because every route sets it', () => {
    const body = JSON.stringify({ Message: 'ErrorCode:ArgumentInvalid;BadRequest' })
    expect(parseHubError({ httpStatus: 404, errorCodeHeader: 'DeviceNotOnline', body })).toMatchObject({
      hubCode: 404103,
    })
    expect(parseHubError({ httpStatus: 404, errorCodeHeader: '404103', body })).toMatchObject({ hubCode: 404103 })
  })

  it('passes over a header that names no known error', () => {
    expect(
      parseHubError({ httpStatus: 404, errorCodeHeader: 'GenericNotFound', body: JSON.stringify(offline) }),
    ).toMatchObject({ hubCode: 404103 })
  })

  it.each(['', '<html>Bad gateway</html>', '[]', 'null', '{"Message":7}', '{"errorCode":{}}'])(
    'finds nothing in %j, and does not stumble',
    body => {
      expect(parseHubError({ httpStatus: 502, body })).toEqual({
        hubCode: undefined,
        text: '',
        trackingId: undefined,
        retryAfterInMs: undefined,
      })
    },
  )

  it('reads how long to wait from the header, or else from the text', () => {
    const body = JSON.stringify({
      Message: 'ErrorCode:ThrottlingException;The request has been throttled. Wait 10 seconds and try again.',
    })
    expect(parseHubError({ httpStatus: 429, body }).retryAfterInMs).toBe(10_000)
    expect(parseHubError({ httpStatus: 429, retryAfterHeader: '3', body }).retryAfterInMs).toBe(3_000)
  })

  it('hides credentials that a gateway echoes, and cuts endless text', () => {
    const token = 'SharedAccessSignature sr=hub&sig=c2VjcmV0&skn=service&se=1'
    const { text } = parseHubError({
      httpStatus: 403,
      body: JSON.stringify({ Message: `refused: ${token} ${'x'.repeat(9999)}` }),
    })
    expect(text).not.toContain('SharedAccessSignature')
    expect(text).not.toContain('c2VjcmV0')
    expect(text).toHaveLength(500)
  })
})
