import { IotHubDmError } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { OperationNotFoundError } from './operation-errors.ts'
import { isRefusedError, toRefusedError } from './refused-error.ts'

describe('isRefusedError', () => {
  const busy = toRefusedError("action 'reboot'", 409, { code: 'Busy', message: 'later' })

  it('knows a refusal, by its code too', () => {
    expect(isRefusedError(busy)).toBe(true)
    expect(isRefusedError(busy, 'Busy')).toBe(true)
    expect(isRefusedError(busy, 'Expired')).toBe(false)
  })

  it('does not take other errors for one, not even with a code that both have', () => {
    expect(isRefusedError(new OperationNotFoundError('cam-1', 'op-1', undefined))).toBe(false)
    expect(isRefusedError(new IotHubDmError('HandlerFailed', 'on the device'))).toBe(false)
    expect(isRefusedError(new IotHubDmError('WaitTimeout', 'late'))).toBe(false)
    expect(isRefusedError({ code: 'Busy', status: 409 })).toBe(false)
    expect(isRefusedError(undefined)).toBe(false)
  })
})
