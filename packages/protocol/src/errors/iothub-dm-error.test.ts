import { describe, expect, it, vi } from 'vitest'
import { ContractError } from '../contract/contract-error.ts'
import { IotHubDmError, isIotHubDmError } from './iothub-dm-error.ts'

describe('IotHubDmError', () => {
  it('is an Error with a stable code', () => {
    const error = new IotHubDmError('DeviceOffline', 'cam-1 is not connected')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'IotHubDmError', code: 'DeviceOffline', retryable: false })
    expect(String(error)).toBe('IotHubDmError: cam-1 is not connected')
    expect(error.stack).toContain('iothub-dm-error.test.ts')
    expect('cause' in error).toBe(false)
  })

  it('keeps what led to it', () => {
    const cause = new Error('ECONNRESET')
    expect(new IotHubDmError('HubUnavailable', 'no answer', { cause, retryable: true })).toMatchObject({
      cause,
      retryable: true,
    })
    expect('cause' in new IotHubDmError('HubUnavailable', 'no answer', { cause: undefined })).toBe(true)
    expect(new IotHubDmError('HubUnavailable', 'no answer', { retryable: undefined }).retryable).toBe(false)
  })

  it('has subclasses with their own names', () => {
    const error = new ContractError("action 'a.b'", 'the name is reserved')
    expect(error).toBeInstanceOf(IotHubDmError)
    expect(String(error)).toBe("ContractError: action 'a.b': the name is reserved")
    expect(isIotHubDmError(error, 'InvalidContract')).toBe(true)
  })
})

describe('isIotHubDmError', () => {
  it('tells errors apart by code', () => {
    const error: unknown = new IotHubDmError('DeviceOffline', 'cam-1 is not connected')
    expect(isIotHubDmError(error)).toBe(true)
    expect(isIotHubDmError(error, 'DeviceOffline')).toBe(true)
    expect(isIotHubDmError(error, 'Throttled')).toBe(false)
  })

  it('knows an error that another copy of the package made', async () => {
    vi.resetModules()
    const copy = await import('./iothub-dm-error.ts')
    expect(copy.IotHubDmError).not.toBe(IotHubDmError)
    const error = new copy.IotHubDmError('DeviceOffline', 'cam-1 is not connected')
    expect(error).not.toBeInstanceOf(IotHubDmError)
    expect(isIotHubDmError(error, 'DeviceOffline')).toBe(true)
    expect(copy.isIotHubDmError(new ContractError('contract', 'is empty'))).toBe(true)
  })

  it.each([undefined, null, 'DeviceOffline', 1, {}, { code: 'DeviceOffline' }, new Error('DeviceOffline'), () => {}])(
    'knows that %s is none',
    value => {
      expect(isIotHubDmError(value)).toBe(false)
    },
  )
})
