import { describe, expect, it } from 'vitest'
import { toHubError } from './to-hub-error.ts'

const method = { description: "method 'reboot' of device 'cam-1'", effect: 'device' } as const
const read = { description: "twin of device 'cam-1'", effect: 'none' } as const

describe('toHubError', () => {
  it.each([
    // HTTP, error code header, code, retryable, outcome unknown
    [400, 'ArgumentInvalid', 'InvalidHubRequest', false, false],
    [401, 'IotHubUnauthorizedAccess', 'Unauthorized', false, false],
    [403, undefined, 'Unauthorized', false, false],
    [403, 'IotHubQuotaExceeded', 'QuotaExceeded', true, false],
    [404, 'DeviceNotFound', 'DeviceNotFound', false, false],
    [404, 'DeviceNotOnline', 'DeviceOffline', true, false],
    [404, 'DeviceConnectionClosedRemotely', 'DeviceOffline', true, true],
    [404, 'IotHubNotFound', 'HubRefused', false, false],
    [408, undefined, 'DeviceTimeout', true, true],
    [409, 'DeviceAlreadyExists', 'AlreadyExists', false, false],
    [409, undefined, 'HubRefused', false, false],
    [412, 'PreconditionFailed', 'PreconditionFailed', false, false],
    [413, 'MessageTooLarge', 'PayloadTooLarge', false, false],
    [413, 'TooManyDevices', 'QuotaExceeded', true, false],
    [429, 'ThrottlingException', 'Throttled', true, false],
    [500, 'ServerError', 'HubUnavailable', true, true],
    [502, undefined, 'HubUnavailable', true, true],
    [503, 'ServiceUnavailable', 'HubUnavailable', true, true],
    [504, 'GatewayTimeout', 'DeviceTimeout', true, true],
    [302, undefined, 'HubRefused', false, false],
  ])('%i %s of a method call is %s', (httpStatus, errorCodeHeader, code, retryable, outcomeUnknown) => {
    expect(toHubError(method, { httpStatus, errorCodeHeader, body: '' })).toMatchObject({
      code,
      httpStatus,
      retryable,
      outcomeUnknown,
    })
  })

  it('knows that a failed read changed nothing', () => {
    const error = toHubError(read, { httpStatus: 504, body: '' })
    expect(error).toMatchObject({ code: 'HubUnavailable', retryable: true, outcomeUnknown: false })
  })

  it('says what failed, why, and by which numbers', () => {
    const body = JSON.stringify({
      Message: JSON.stringify({ errorCode: 404103, message: 'The device is not online.' }),
    })
    expect(toHubError(method, { httpStatus: 404, body }).message).toBe(
      "method 'reboot' of device 'cam-1': The device is not online. (HTTP 404, hub code 404103)",
    )
    expect(toHubError(read, { httpStatus: 502, body: '<html>' }).message).toBe(
      "twin of device 'cam-1': the hub gave no reason (HTTP 502)",
    )
  })
})
