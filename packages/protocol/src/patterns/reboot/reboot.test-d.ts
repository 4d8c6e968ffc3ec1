import { describe, expectTypeOf, it } from 'vitest'
import type {
  ActionRequestInput,
  ActionRequestOutput,
  ActionResultOutput,
  ErrorCodeOf,
  PhaseOf,
} from '../../contract/action.ts'
import { reboot } from './reboot.ts'
import type { RebootRequest } from './reboot-request.ts'

describe('reboot', () => {
  it('has a request whose members may be left out', () => {
    expectTypeOf<ActionRequestInput<typeof reboot>>().toEqualTypeOf<RebootRequest>()
    expectTypeOf<ActionRequestOutput<typeof reboot>>().toEqualTypeOf<RebootRequest>()
    expectTypeOf({}).toExtend<RebootRequest>()
    expectTypeOf({ delaySeconds: 5, reason: undefined }).toExtend<RebootRequest>()
    // @ts-expect-error - seconds are a number
    const request: RebootRequest = { delaySeconds: '5' }
    expectTypeOf(request).toEqualTypeOf<RebootRequest>()
  })

  it('has no result, phases and error codes of its own', () => {
    expectTypeOf<ActionResultOutput<typeof reboot>>().toEqualTypeOf<undefined>()
    expectTypeOf<PhaseOf<typeof reboot>>().toEqualTypeOf<never>()
    expectTypeOf<ErrorCodeOf<typeof reboot>>().toEqualTypeOf<never>()
  })

  it('says what it does to a device', () => {
    expectTypeOf(reboot.effects).toEqualTypeOf<readonly ('idempotent' | 'restarts')[]>()
  })
})
