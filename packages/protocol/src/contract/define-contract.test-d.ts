import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { reboot } from '../patterns/reboot/reboot.ts'
import {
  type ActionDefinition,
  type ActionRequestInput,
  type ActionResultOutput,
  action,
  type ErrorCodeOf,
  type PhaseOf,
} from './action.ts'
import { type ConfigurationInput, type ConfigurationOutput, configuration } from './configuration.ts'
import type { ActionName, Contract, MethodName } from './contract.ts'
import { defineContract } from './define-contract.ts'
import {
  type MethodRequestInput,
  type MethodRequestOutput,
  type MethodResponseInput,
  type MethodResponseOutput,
  method,
} from './method.ts'

const camera = defineContract({
  modelId: 'dtmi:contoso:Camera;1',
  methods: {
    getLogs: method({ request: z.object({ lines: z.number() }), response: z.array(z.string()) }),
    getClock: method({
      response: v.object({
        now: v.pipe(
          v.string(),
          v.transform(text => new Date(text)),
        ),
      }),
    }),
    ping: method(),
    sleep: method({ request: type({ until: 'string.date.iso.parse' }) }),
  },
  actions: {
    reboot,
    calibrate: action({
      request: v.object({ target: v.number() }),
      phases: ['warming', 'measuring'],
      result: type({ offset: 'number' }),
    }),
    wink: action({ effects: ['idempotent'] }),
  },
  configurations: {
    telemetry: configuration(z.object({ sendFrequencySeconds: z.number().min(1).default(60) })),
    network: configuration(type({ ssid: 'string' })),
    display: configuration(v.object({ contrast: v.number() })),
  },
})

type Camera = typeof camera

describe('a contract with schemas of zod, valibot and arktype side by side', () => {
  it('knows its names', () => {
    expectTypeOf<MethodName<Camera>>().toEqualTypeOf<'getLogs' | 'getClock' | 'ping' | 'sleep'>()
    expectTypeOf<ActionName<Camera>>().toEqualTypeOf<'reboot' | 'calibrate' | 'wink'>()
    expectTypeOf<keyof Camera['configurations']>().toEqualTypeOf<'telemetry' | 'network' | 'display'>()
    // @ts-expect-error - a name that the contract does not have
    expectTypeOf(camera.methods.getLog)
    // @ts-expect-error - an action is no method
    expectTypeOf(camera.methods.reboot)
  })

  it('gives each side its own type of a method', () => {
    type Methods = Camera['methods']
    expectTypeOf<MethodRequestInput<Methods['getLogs']>>().toEqualTypeOf<{ lines: number }>()
    expectTypeOf<MethodResponseOutput<Methods['getLogs']>>().toEqualTypeOf<string[]>()
    expectTypeOf<MethodResponseInput<Methods['getClock']>>().toEqualTypeOf<{ now: string }>()
    expectTypeOf<MethodResponseOutput<Methods['getClock']>>().toEqualTypeOf<{ now: Date }>()
    expectTypeOf<MethodRequestInput<Methods['sleep']>>().toEqualTypeOf<{ until: string }>()
    expectTypeOf<MethodRequestOutput<Methods['sleep']>>().toEqualTypeOf<{ until: Date }>()
    expectTypeOf<MethodRequestInput<Methods['ping']>>().toEqualTypeOf<undefined>()
    expectTypeOf<MethodResponseOutput<Methods['ping']>>().toEqualTypeOf<undefined>()
  })

  it('keeps what an action is', () => {
    type Calibrate = Camera['actions']['calibrate']
    expectTypeOf<ActionRequestInput<Calibrate>>().toEqualTypeOf<{ target: number }>()
    expectTypeOf<ActionResultOutput<Calibrate>>().toEqualTypeOf<{ offset: number }>()
    expectTypeOf<PhaseOf<Calibrate>>().toEqualTypeOf<'warming' | 'measuring'>()
    expectTypeOf<ErrorCodeOf<Calibrate>>().toEqualTypeOf<never>()
    expectTypeOf<Camera['actions']['wink']>().toEqualTypeOf<
      ActionDefinition<undefined, undefined, never, never, 'idempotent'>
    >()
    expectTypeOf(camera.actions.reboot).toEqualTypeOf<typeof reboot>()
  })

  it('gives each side its own type of a configuration', () => {
    type Configurations = Camera['configurations']
    expectTypeOf<ConfigurationInput<Configurations['telemetry']>>().toEqualTypeOf<{
      sendFrequencySeconds?: number | undefined
    }>()
    expectTypeOf<ConfigurationOutput<Configurations['telemetry']>>().toEqualTypeOf<{ sendFrequencySeconds: number }>()
    expectTypeOf<ConfigurationInput<Configurations['network']>>().toEqualTypeOf<{ ssid: string }>()
    expectTypeOf<ConfigurationOutput<Configurations['display']>>().toEqualTypeOf<{ contrast: number }>()
  })

  it('is a contract like any other', () => {
    expectTypeOf(camera).toExtend<Contract>()
    expectTypeOf(defineContract({})).toExtend<Contract>()
    expectTypeOf<ActionName<ReturnType<typeof empty>>>().toEqualTypeOf<never>()
  })

  it('cannot be changed', () => {
    // @ts-expect-error - read-only
    camera.modelId = 'dtmi:contoso:Camera;2'
    // @ts-expect-error - read-only
    camera.actions.calibrate.phases.push('warming')
    // @ts-expect-error - read-only
    camera.methods.ping.request = undefined
  })

  it('takes a definition only where it belongs', () => {
    // @ts-expect-error - an action is no method
    defineContract({ methods: { reboot } })
    // @ts-expect-error - a schema is no configuration
    defineContract({ configurations: { telemetry: z.object({}) } })
    // @ts-expect-error - a misspelt section
    defineContract({ action: { reboot } })
  })
})

const empty = () => defineContract({})
