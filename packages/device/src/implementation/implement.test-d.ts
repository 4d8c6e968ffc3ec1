import { action, configuration, defineContract, maintenanceWindow, method, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { ActionHandler, ConfigurationHandler, MethodHandler } from './handlers.ts'
import { implement } from './implement.ts'

const camera = defineContract({
  methods: {
    getLogs: method({ request: z.object({ lines: z.number() }), response: z.array(z.string()) }),
    ping: method(),
    // input and output differ: a text on the wire, a number in the handler; a number from the handler, a text for the caller
    convert: method({
      request: v.pipe(v.string(), v.transform(Number)),
      response: v.pipe(v.number(), v.transform(String)),
    }),
  },
  actions: {
    reboot,
    calibrate: action({
      request: v.object({ target: v.pipe(v.string(), v.transform(Number)) }),
      phases: ['warming', 'measuring'],
      result: v.object({ offset: v.pipe(v.number(), v.transform(String)) }),
      errors: ['sensorFault'],
    }),
  },
})

// Handlers that live in files of their own.
const calibrate: ActionHandler<typeof camera.actions.calibrate> = async op => {
  op.phase('warming')
  op.progress(10, 'cold')
  const offset = await op.step('measure', () => op.request.target / 2)
  return { offset }
}
const getLogs: MethodHandler<typeof camera.methods.getLogs> = ({ lines }) => [String(lines)]

const methods = { getLogs, ping: () => {}, convert: (request: number) => request }
const actions = { reboot: () => {}, calibrate }

describe('implement', () => {
  it('takes handlers put together from files', () => {
    implement(camera, { methods, actions })
    implement(camera, { methods: { ...methods, ping: async () => {} }, actions })
    implement(defineContract({}), {})
    implement(defineContract({ methods: { ping: method() } }), { methods: { ping: () => {} } })
  })

  it('gives every handler the types of its definition', () => {
    implement(camera, {
      methods: {
        getLogs: ({ lines }, { signal }) => {
          expectTypeOf(lines).toEqualTypeOf<number>()
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
          return []
        },
        ping: request => {
          expectTypeOf(request).toEqualTypeOf<undefined>()
        },
        convert: request => {
          expectTypeOf(request).toEqualTypeOf<number>()
          return 1
        },
      },
      actions: {
        reboot: async op => {
          expectTypeOf(op.request.delaySeconds).toEqualTypeOf<number | undefined>()
          expectTypeOf<Parameters<typeof op.phase>>().toEqualTypeOf<[phase: never]>()
          expectTypeOf(await op.step('s', () => ({ x: 1 }))).toEqualTypeOf<{ x: number }>()
          expectTypeOf(await op.step('t', async () => 'text')).toEqualTypeOf<string>()
          await op.restart(() => {})
        },
        calibrate: op => {
          expectTypeOf(op.request).toEqualTypeOf<{ target: number }>()
          expectTypeOf<Parameters<typeof op.phase>>().toEqualTypeOf<[phase: 'warming' | 'measuring']>()
          expectTypeOf<Parameters<typeof op.fail>[0]>().toEqualTypeOf<'sensorFault'>()
          expectTypeOf<Parameters<typeof op.reject>[0]>().toEqualTypeOf<'sensorFault'>()
          expectTypeOf<ReturnType<typeof op.fail>>().toBeNever()
          return { offset: 1 }
        },
      },
    })
  })

  it('is exhaustive', () => {
    // @ts-expect-error - 'calibrate' is missing
    implement(camera, { methods, actions: { reboot: () => {} } })
    // @ts-expect-error - the section 'methods' is missing
    implement(camera, { actions })
    // @ts-expect-error - there is no method 'getlogs'
    implement(camera, { methods: { ...methods, getlogs: getLogs }, actions })
    // @ts-expect-error - there is no action 'calibrat', and 'calibrate' is missing
    implement(camera, { methods, actions: { reboot: () => {}, calibrat: calibrate } })
    // @ts-expect-error - a contract without methods takes no handler of one
    implement(defineContract({}), { methods: { ping: () => {} } })
    // @ts-expect-error - a handler is a function
    implement(camera, { methods: { ...methods, ping: 'pong' }, actions })
  })

  it('refuses handlers of the wrong type', () => {
    // @ts-expect-error - the request is an object with lines
    implement(camera, { methods: { ...methods, getLogs: (request: string) => [request] }, actions })
    // @ts-expect-error - the response is a list of texts
    implement(camera, { methods: { ...methods, getLogs: () => [1] }, actions })
    // @ts-expect-error - there is a response to give
    implement(camera, { methods: { ...methods, getLogs: () => {} }, actions })
    // @ts-expect-error - the caller gets a text, but the handler gives the number that it is made of
    implement(camera, { methods: { ...methods, convert: () => 'text' }, actions })
    // @ts-expect-error - the handler gets the number that the text on the wire was made into
    implement(camera, { methods: { ...methods, convert: (request: string) => request.length }, actions })
    // @ts-expect-error - a method without a response answers nothing
    implement(camera, { methods: { ...methods, ping: () => 1 }, actions })
    // @ts-expect-error - there is a result to return
    implement(camera, { methods, actions: { ...actions, calibrate: () => {} } })
    // @ts-expect-error - the offset is a number
    implement(camera, { methods, actions: { ...actions, calibrate: async () => ({ offset: 'far' }) } })
    // @ts-expect-error - a reboot has no result
    implement(camera, { methods, actions: { ...actions, reboot: () => 'done' } })
  })

  it('refuses phases, codes and names that are not in the contract', () => {
    implement(camera, {
      methods,
      actions: {
        calibrate: op => {
          // @ts-expect-error - no such phase
          op.phase('cooling')
          // @ts-expect-error - not a code of this action
          if (op.attempt > 5) op.fail('other')
          // @ts-expect-error - the request has no such member
          void op.request.other
          // @ts-expect-error - an operation id does not change
          op.operationId = 'x'
          // @ts-expect-error - no such policy
          void op.step('s', () => {}, { repeat: 'sometimes' })
          return { offset: 1 }
        },
        reboot: op => {
          // @ts-expect-error - a reboot has no phases
          op.phase('running')
          // @ts-expect-error - and no codes
          op.fail('sensorFault')
        },
      },
    })
  })
})

const device = defineContract({
  configurations: {
    telemetry: configuration(z.object({ sendFrequencySeconds: z.number() })),
    // a text on the wire, a number in the handler
    limit: configuration(v.pipe(v.string(), v.transform(Number))),
  },
})
const telemetry: ConfigurationHandler<typeof device.configurations.telemetry> = (desired, { previous }) =>
  desired?.sendFrequencySeconds !== previous?.sendFrequencySeconds

const always = (desired: { sendFrequencySeconds: number }) => desired

describe('implement, for configurations', () => {
  it('gives every handler the types of its definition, with the deletion among them', () => {
    implement(device, {
      configurations: {
        telemetry: async (desired, { previous, version, attempt, signal }) => {
          expectTypeOf(desired).toEqualTypeOf<{ sendFrequencySeconds: number } | undefined>()
          expectTypeOf(previous).toEqualTypeOf<{ sendFrequencySeconds: number } | undefined>()
          expectTypeOf(version).toEqualTypeOf<number>()
          expectTypeOf(attempt).toEqualTypeOf<number>()
          expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
        },
        limit: { handle: desired => expectTypeOf(desired).toEqualTypeOf<number | undefined>(), defaults: '5' },
      },
    })
    implement(device, {
      configurations: {
        telemetry: {
          handle: (desired, { previous }) => {
            expectTypeOf(desired).toEqualTypeOf<{ sendFrequencySeconds: number } | undefined>()
            expectTypeOf(previous).toEqualTypeOf<{ sendFrequencySeconds: number } | undefined>()
          },
          defaults: { sendFrequencySeconds: 60 },
        },
        limit: () => {},
      },
    })
    implement(device, { configurations: { telemetry, limit: () => {} } })
  })

  it('is exhaustive', () => {
    // @ts-expect-error - 'limit' is missing
    implement(device, { configurations: { telemetry } })
    // @ts-expect-error - the section 'configurations' is missing
    implement(device, {})
    // @ts-expect-error - there is no configuration 'limits'
    implement(device, { configurations: { telemetry, limit: () => {}, limits: () => {} } })
    // @ts-expect-error - a contract without configurations takes no handler of one
    implement(defineContract({}), { configurations: { telemetry } })
  })

  it('refuses handlers and defaults of the wrong type', () => {
    // @ts-expect-error - the section may be deleted
    implement(device, { configurations: { telemetry: always, limit: () => {} } })
    // @ts-expect-error - the handler gets the number that the text was made into
    implement(device, { configurations: { telemetry, limit: (desired: string | undefined) => desired } })
    // @ts-expect-error - defaults are what a back end would set
    implement(device, { configurations: { telemetry, limit: { handle: () => {}, defaults: 5 } } })
    // @ts-expect-error - defaults alone apply nothing
    implement(device, { configurations: { telemetry, limit: { defaults: '5' } } })
  })

  it('takes no handler of what the agent itself follows', () => {
    const configurations = { maintenanceWindow, telemetry: device.configurations.telemetry }
    implement(defineContract({ configurations: { maintenanceWindow } }), {})
    implement(defineContract({ configurations }), { configurations: { telemetry } })
    // @ts-expect-error - the agent follows 'maintenanceWindow'
    implement(defineContract({ configurations }), { configurations: { telemetry, maintenanceWindow: () => {} } })
  })
})
