import { expectTypeOf, it } from 'vitest'
import type {
  ActionRequestInput,
  ActionRequestOutput,
  ActionResultOutput,
  ErrorCodeOf,
  PhaseOf,
} from '../../contract/action.ts'
import type { firmwareUpdate } from './firmware-update.ts'
import type { FirmwareUpdateRequest, FirmwareUpdateRequestInput } from './firmware-update-request.ts'

type Pattern = typeof firmwareUpdate

it('has the documented names in its types', () => {
  expectTypeOf<ActionRequestInput<Pattern>>().toEqualTypeOf<FirmwareUpdateRequestInput>()
  expectTypeOf<ActionRequestOutput<Pattern>>().toEqualTypeOf<FirmwareUpdateRequest>()
  expectTypeOf<ActionResultOutput<Pattern>['outcome']>().toEqualTypeOf<'updated' | 'alreadyCurrent'>()
  expectTypeOf<'rolledback'>().toExtend<PhaseOf<Pattern>>()
  expectTypeOf<'VersionRollback'>().toExtend<ErrorCodeOf<Pattern>>()
  expectTypeOf<'Refused'>().not.toExtend<ErrorCodeOf<Pattern>>()
})

it('may be sent with either writing of the URL, and is read with one', () => {
  expectTypeOf({ fwPackageURI: 'https://x/y' }).toExtend<ActionRequestInput<Pattern>>()
  expectTypeOf<ActionRequestOutput<Pattern>>().not.toHaveProperty('fwPackageURI')
})
