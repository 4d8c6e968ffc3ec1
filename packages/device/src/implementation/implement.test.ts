import { action, configuration, defineContract, method, reboot } from '@iothub-dm/protocol'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { type Implementation, implement } from './implement.ts'

const contract = defineContract({ methods: { getLogs: method() }, actions: { reboot, calibrate: action() } })
const whole = { methods: { getLogs: () => {} }, actions: { reboot: () => {}, calibrate: () => {} } }

/** As plain JavaScript may call it. */
function implementLoosely(handlers: unknown): Implementation {
  return Reflect.apply(implement, undefined, [contract, handlers])
}

describe('implement', () => {
  it('puts each definition together with its handler', () => {
    const { methods, actions } = implement(contract, whole)
    expect([...methods.keys()]).toEqual(['getLogs'])
    expect([...actions.keys()]).toEqual(['reboot', 'calibrate'])
    expect(actions.get('reboot')).toEqual({ definition: reboot, handle: whole.actions.reboot })
    expect(methods.get('constructor')).toBeUndefined()
  })

  it('needs no sections where there is nothing to handle', () => {
    expect(implement(defineContract({}), {}).methods.size).toBe(0)
  })

  it.each([
    ["action 'calibrate' needs a handler, got undefined", { ...whole, actions: { reboot: () => {} } }],
    ["action 'calibrate' needs a handler, got null", { ...whole, actions: { reboot: () => {}, calibrate: null } }],
    ["method 'getLogs' needs a handler, got undefined", { actions: whole.actions }],
    ["method 'getLogs' needs a handler, got string", { ...whole, methods: { getLogs: 'x' } }],
    [
      "handler 'getlogs' belongs to no method of the contract",
      { ...whole, methods: { ...whole.methods, getlogs: () => {} } },
    ],
    [
      "handler 'valueOf' belongs to no action of the contract",
      { ...whole, actions: { ...whole.actions, valueOf: () => {} } },
    ],
  ])('refuses handlers that do not fit: %s', (message, handlers) => {
    expect(() => implementLoosely(handlers)).toThrow(new TypeError(message))
  })

  it('takes no handler from a prototype', () => {
    const inherited: unknown = Object.create({ getLogs: () => {} })
    expect(() => implementLoosely({ ...whole, methods: inherited })).toThrow("method 'getLogs' needs a handler")
  })
})

const apply = () => {}

describe('implement, for actions', () => {
  it('takes a handler with options of its own', () => {
    const calibrate = { handle: whole.actions.calibrate, timeoutInMs: 60_000, whenBusy: 'queue' } as const
    const { actions } = implement(contract, { ...whole, actions: { ...whole.actions, calibrate } })
    expect(actions.get('calibrate')).toMatchObject({ handle: calibrate.handle, timeoutInMs: 60_000, whenBusy: 'queue' })
    expect(actions.get('reboot')).toMatchObject({ timeoutInMs: undefined, whenBusy: undefined })
  })

  it.each([
    [{ timeoutInMs: 0 }, "timeoutInMs of action 'calibrate': expected an integer from 1 to 2147483647, got 0"],
    [{ whenBusy: 'wait' }, 'whenBusy of action \'calibrate\': expected one of refuse, queue, replace, got "wait"'],
  ])('refuses %j', (options, message) => {
    const calibrate = { handle: () => {}, ...options }
    const handlers = { ...whole, actions: { ...whole.actions, calibrate } }
    expect(() => Reflect.apply(implement, undefined, [contract, handlers])).toThrow(message)
  })
})

describe('implement, for configurations', () => {
  const device = defineContract({ configurations: { telemetry: configuration(v.object({ name: v.string() })) } })

  function implementTelemetry(handler: unknown): Implementation {
    return Reflect.apply(implement, undefined, [device, { configurations: { telemetry: handler } }])
  }

  it('takes a function, or one with the device default', () => {
    expect(implementTelemetry(apply).configurations.get('telemetry')).toMatchObject({
      handle: apply,
      defaults: undefined,
    })
    const withDefaults = implementTelemetry({ handle: apply, defaults: { name: 'x' } })
    expect(withDefaults.configurations.get('telemetry')).toMatchObject({ handle: apply, defaults: { name: 'x' } })
  })

  it.each<[RegExp, unknown]>([
    [/^configuration 'telemetry' needs a handler, got undefined$/, undefined],
    [/^configuration 'telemetry' needs a handler, got null$/, null],
    [/^configuration 'telemetry' needs a handler, got undefined$/, { defaults: { name: 'x' } }],
    [/^defaults of configuration 'telemetry': name: /, { handle: () => {}, defaults: { name: 5 } }],
    [/^defaults of configuration 'telemetry' must be JSON/, { handle: () => {}, defaults: new Date(0) }],
    [
      /^confirmBy of configuration 'telemetry': expected 'newSession' or 'roundTrip', got "luck"$/,
      { handle: () => {}, confirmBy: 'luck' },
    ],
  ])('refuses what does not fit: %s', (message, handler) => {
    expect(() => implementTelemetry(handler)).toThrow(TypeError)
    expect(() => implementTelemetry(handler)).toThrow(message)
  })

  it.each([0, 1.5, 2 ** 31])('refuses confirmWithinInMs of %d', confirmWithinInMs => {
    expect(() => implementTelemetry({ handle: () => {}, confirmWithinInMs })).toThrow(
      `confirmWithinInMs of configuration 'telemetry': expected an integer from 1 to 2147483647, got ${confirmWithinInMs}`,
    )
  })

  it('C13: refuses defaults that no twin can hold, naming the path, before the hub is asked', () => {
    expect(() => implementTelemetry({ handle: () => {}, defaults: { name: 'x'.repeat(4_097) } })).toThrow(
      "defaults of configuration 'telemetry': name: is a string of more than 4096 bytes",
    )
  })
})
