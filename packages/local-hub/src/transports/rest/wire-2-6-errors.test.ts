import { describe, expect, it } from 'vitest'
import { callRest, type RestCall } from '../../../test/rest-call.ts'
import { startLocalHub } from '../../index.ts'

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/)
const trackingId = expect.stringMatching(/^[0-9A-F]{32}-G:0-TimeStamp:\d{4}/)

const calls: readonly [string, Partial<RestCall>, status: number, code: string, number: number, text: RegExp][] = [
  ['a device that exists', { method: 'PUT', path: '/devices/d1', body: {} }, 409, 'DeviceAlreadyExists', 0, /'d1'/],
  ['a device that is unknown', { method: 'GET', path: '/devices/d2' }, 404, 'DeviceNotFound', 0, /^d2$/],
  ['an illegal id', { method: 'PUT', path: '/devices/a%20b', body: {} }, 400, 'IotHubFormatError', 0, /'a b'/],
  ['no JSON', { method: 'PATCH', path: '/twins/d1', body: '{' }, 400, 'IotHubFormatError', 0, /not JSON/],
  ['no policy', { method: 'GET', path: '/devices', authorization: 'x' }, 401, 'IotHubUnauthorizedAccess', 0, /Unauth/],
  ['no condition', { method: 'DELETE', path: '/devices/d1' }, 412, 'PreconditionFailed', 0, /Etag missing/],
  ['no export', { method: 'POST', path: '/jobs/create' }, 400, 'BlobContainerValidationError', 0, /does not import/],
  ['an unknown module', { method: 'GET', path: '/devices/d1/modules/m' }, 404, 'ModuleNotFound', 404010, /Module m /],
  [
    'a module that exists',
    { method: 'PUT', path: '/devices/d1/modules/m1', body: {} },
    409,
    'ModuleAlreadyExistsOnDevice',
    409301,
    /^Device d1 already contains Module m1\.$/,
  ],
  [
    'an absent device',
    { method: 'POST', path: '/twins/d1/methods', body: { methodName: 'x' } },
    404,
    'DeviceNotOnline',
    -404103,
    /online/,
  ],
  [
    'an illegal tag',
    { method: 'PATCH', path: '/twins/d1', body: { tags: { 'a.b': 1 } } },
    400,
    'ArgumentInvalid',
    -400004,
    /a\.b/,
  ],
]

/** 0 stands for the text, a number for the flat body, a negative one for the nested body. */
describe('an error', () => {
  it.each(calls)(
    'about %s has its shape, and its code in the header',
    async (_name, call, status, code, number, text) => {
      await using hub = await startLocalHub()
      await hub.createDevice('d1')
      await callRest(hub, { method: 'PUT', path: '/devices/d1/modules/m1', body: {} })
      const { body, ...answer } = await callRest(hub, { method: 'GET', path: '/', ...call })
      expect(answer).toMatchObject({
        status,
        headers: {
          'iothub-errorcode': code,
          'content-type': 'application/json; charset=utf-8',
          'x-ms-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
        },
      })
      const outer = typeof body.Message === 'string' ? body.Message : ''
      const flat = { errorCode: Math.abs(number), message: expect.stringMatching(text), trackingId, timestampUtc: time }
      if (number > 0) {
        expect(body).toEqual(flat)
      } else if (number < 0) {
        expect({ ...body, Message: JSON.parse(outer) }).toEqual({
          Message: { ...flat, info: null },
          ExceptionMessage: '',
        })
      } else {
        const [, ownCode, message] = /^ErrorCode:(\w+);(.*)$/s.exec(outer) ?? []
        expect([ownCode, message]).toEqual([code, expect.stringMatching(text)])
        expect(body.ExceptionMessage).toMatch(/^Tracking ID:[0-9A-F]{32}-G:0-TimeStamp:/)
      }
    },
  )
})
