import { expectTypeOf, it } from 'vitest'
import type { ErrorCode } from './error-codes.ts'
import { IotHubDmError, isIotHubDmError } from './iothub-dm-error.ts'

it('isIotHubDmError narrows to the code that was asked for', () => {
  const caught: unknown = undefined
  if (isIotHubDmError(caught, 'Throttled')) expectTypeOf(caught.code).toEqualTypeOf<'Throttled'>()
  if (isIotHubDmError(caught)) expectTypeOf(caught.code).toEqualTypeOf<ErrorCode>()
  // @ts-expect-error - a misspelt code
  isIotHubDmError(caught, 'Throtled')
})

it('an error needs a known code', () => {
  // @ts-expect-error - not one of errorCodes
  expectTypeOf(new IotHubDmError('SomethingElse', 'message'))
})
