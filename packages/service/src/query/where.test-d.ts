import { action, configuration, defineContract, reboot } from '@iothub-dm/protocol'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Condition } from './condition.ts'
import { where } from './where.ts'

const camera = defineContract({
  actions: { reboot, calibrate: action({ phases: ['warming'], errors: ['sensorFault'] }) },
  configurations: { telemetry: configuration(z.object({ seconds: z.number(), mode: z.enum(['day', 'night']) })) },
})
const lamp = defineContract({ actions: { blink: action() } })
declare function summary(condition: Condition<typeof camera>): void

describe('where', () => {
  it('knows the contract of the receiver', () => {
    summary(where(t => t.action('calibrate').state.eq('failed')))
    summary(where(t => t.desired('telemetry', 'mode').eq('night')))
    // @ts-expect-error - no such action
    summary(where(t => t.action('blink').state.eq('failed')))
    // @ts-expect-error - no such configuration
    summary(where(t => t.desired('light', 'mode').eq('night')))
  })

  it('compares with what can be there', () => {
    where<typeof camera>(t => {
      // @ts-expect-error - no such state
      t.action('reboot').state.eq('done')
      // @ts-expect-error - no such phase
      t.action('calibrate').status.eq('cooling')
      // @ts-expect-error - no such error
      t.action('reboot').errorCode.eq('sensorFault')
      // @ts-expect-error - a number
      t.desired('telemetry', 'seconds').gt('5')
      // @ts-expect-error - no such key
      t.desired('telemetry', 'minutes')
      // @ts-expect-error - one of two
      t.status.eq('on')
      return t.action('calibrate').errorCode.in(['sensorFault', 'HandlerFailed'])
    })
  })

  it('keeps the conditions of two contracts apart', () => {
    const ofLamp = where<typeof lamp>(t => t.action('blink').state.eq('failed'))
    // @ts-expect-error - of another contract
    summary(ofLamp)
    summary(where(t => t.tags('site').eq('oslo')))
    expectTypeOf(ofLamp).toEqualTypeOf<Condition<typeof lamp>>()
  })
})
