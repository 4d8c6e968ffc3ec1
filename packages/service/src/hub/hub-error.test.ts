import { IotHubDmError } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { HubError, isHubError } from './hub-error.ts'

describe('isHubError', () => {
  it('tells hub errors from others, and by code', () => {
    const error: unknown = new HubError('Throttled', 'slow down', { retryAfterInMs: 10_000 })
    expect(isHubError(error)).toBe(true)
    expect(isHubError(error, 'DeviceOffline')).toBe(false)
    expect(isHubError(error, 'Throttled') && error.retryAfterInMs).toBe(10_000)
    expect(isHubError(new IotHubDmError('InvalidContract', 'not of the hub'))).toBe(false)
    expect(isHubError(new Error('any'))).toBe(false)
  })
})
