import { expectTypeOf, it } from 'vitest'
import type { ErrorCode } from '../../errors/error-codes.ts'
import type { FirmwareErrorCode } from './firmware-error-code.ts'

it('the codes of a firmware update are described with all others', () => {
  expectTypeOf<FirmwareErrorCode>().toExtend<ErrorCode>()
})
