import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { firmwareUpdate } from '../patterns/firmware-update/firmware-update.ts'
import { reboot } from '../patterns/reboot/reboot.ts'
import { type ActionDefinition, action } from './action.ts'
import { configuration } from './configuration.ts'
import type { Actions, Configurations, Methods } from './contract.ts'
import { ContractError } from './contract-error.ts'
import { type ContractOptions, defineContract } from './define-contract.ts'
import { method } from './method.ts'

type AnyOptions = ContractOptions<Methods, Actions, Configurations>

const getLogs = method({ request: z.object({ lines: z.number() }), response: z.array(z.string()) })
const calibrate = action({
  request: v.object({ target: v.number() }),
  phases: ['warming', 'measuring'],
  result: v.object({ offset: v.number() }),
  errors: ['sensorFault'],
  effects: ['idempotent'],
})
const telemetry = configuration(type({ sendFrequencySeconds: 'number >= 1' }))

function copiesOf<TDefinition>(definition: TDefinition, count: number): Readonly<Record<string, TDefinition>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`part${index}`, definition]))
}

describe('defineContract', () => {
  it('keeps the definitions by name', () => {
    const contract = defineContract({
      modelId: 'dtmi:contoso:Camera;1',
      methods: { getLogs },
      actions: { reboot, calibrate },
      configurations: { telemetry },
    })
    expect(contract).toEqual({
      kind: 'contract',
      modelId: 'dtmi:contoso:Camera;1',
      methods: { getLogs },
      actions: { reboot, calibrate },
      configurations: { telemetry },
    })
    expect(contract.actions.reboot).toBe(reboot)
  })

  it('takes an empty contract', () => {
    expect(defineContract({})).toEqual({
      kind: 'contract',
      modelId: undefined,
      methods: {},
      actions: {},
      configurations: {},
    })
  })

  it('freezes everything it returns, and nothing that it was given', () => {
    const methods = { getLogs }
    const phases = ['warming']
    const contract = defineContract({
      methods,
      actions: { warm: action({ phases, errors: ['fault'], effects: ['restarts'] }) },
      configurations: { telemetry },
    })
    const { warm } = contract.actions
    for (const value of [
      contract,
      contract.methods,
      contract.actions,
      contract.configurations,
      contract.methods.getLogs,
      warm,
      warm.phases,
      warm.errors,
      warm.effects,
      telemetry,
    ]) {
      expect(Object.isFrozen(value)).toBe(true)
    }
    expect(Object.isFrozen(methods)).toBe(false)
    expect(Object.isFrozen(phases)).toBe(false)
  })

  it('refuses a method and an action of the same name', () => {
    expect(() => defineContract({ methods: { reboot: method() }, actions: { reboot } })).toThrow(
      "action 'reboot': a method has the same name; both are direct methods of the device",
    )
  })

  it('takes a configuration of the same name as an action: they do not meet', () => {
    expect(() => defineContract({ actions: { calibrate }, configurations: { calibrate: telemetry } })).not.toThrow()
  })

  it.each([
    [{ methods: { calibrate } }, "method 'calibrate': must be made by method(), got 'action'"],
    [{ actions: { getLogs } }, "action 'getLogs': must be made by action(), got 'method'"],
    [{ configurations: { getLogs } }, "configuration 'getLogs': must be made by configuration(), got 'method'"],
    [{ methods: { getLogs: v.string() } }, "method 'getLogs': must be made by method(), got 'schema'"],
    [{ methods: { getLogs: undefined } }, "method 'getLogs': must be made by method(), got undefined"],
    [{ actions: { calibrate: null } }, "action 'calibrate': must be made by action(), got null"],
    [{ actions: { calibrate: {} } }, "action 'calibrate': must be made by action(), got object"],
  ])('refuses a definition of the wrong kind: %#', (options, message) => {
    // @ts-expect-error - the types refuse it as well
    expect(() => defineContract(options)).toThrow(message)
  })

  it.each<[AnyOptions, string]>([
    [{ modelId: 'Camera' }, "modelId 'Camera'"],
    [{ methods: { 'get logs': getLogs } }, "method 'get logs'"],
    [{ methods: { cancelOperation: getLogs } }, "method 'cancelOperation': the name is reserved"],
    [{ actions: { 'a.b': calibrate } }, "action 'a.b'"],
    [{ actions: { calibrate: action({ phases: ['a', 'a'] }) } }, "action 'calibrate': phase 'a' is named twice"],
    [{ actions: { calibrate: action({ errors: ['Expired'] }) } }, "action 'calibrate': error code 'Expired'"],
    [{ configurations: { iothubDM: telemetry } }, "configuration 'iothubDM': the name is reserved"],
  ])('names the item whose name breaks a rule: %#', (options, message) => {
    expect(() => defineContract(options)).toThrow(ContractError)
    expect(() => defineContract(options)).toThrow(message)
  })

  const later = v.objectAsync({ id: v.string() })
  it.each<[AnyOptions, string]>([
    [{ methods: { getLogs: method({ request: later }) } }, "request of method 'getLogs'"],
    [{ methods: { getLogs: method({ response: later }) } }, "response of method 'getLogs'"],
    [{ actions: { calibrate: action({ request: later }) } }, "request of action 'calibrate'"],
    [{ actions: { calibrate: action({ result: later }) } }, "result of action 'calibrate'"],
    [{ configurations: { telemetry: configuration(later) } }, "schema of configuration 'telemetry'"],
  ])('names the item whose schema is asynchronous: %#', (options, item) => {
    expect(() => defineContract(options)).toThrow(TypeError)
    expect(() => defineContract(options)).toThrow(`${item} has an asynchronous schema`)
  })

  it('refuses what is no schema', () => {
    // @ts-expect-error - the types refuse it as well
    const untyped = method({ request: { lines: 'number' } })
    expect(() => defineContract({ methods: { getLogs: untyped } })).toThrow(
      "request of method 'getLogs' must be a Standard Schema (zod, valibot, arktype ...), got object",
    )
  })

  it.each([
    [action({ result: z.object({ 'a.b': z.number() }) }), "result of action 'calibrate': the key 'a.b'"],
    [
      // @ts-expect-error - the types refuse it as well
      action({ request: z.object({ operationId: z.string() }) }),
      "request of action 'calibrate': the member 'operationId' is reserved",
    ],
    [
      // @ts-expect-error - the types refuse it as well
      action({ request: type({ 'expiresAt?': 'string' }) }),
      "request of action 'calibrate': the member 'expiresAt' is reserved",
    ],
    [
      // @ts-expect-error - the types refuse it as well
      action({ request: z.array(z.number()) }),
      "request of action 'calibrate': must describe an object, got a schema of type 'array'",
    ],
  ])('refuses a schema that the wire or the twin cannot carry: %#', (definition, message) => {
    expect(() => defineContract({ actions: { calibrate: definition } })).toThrow(message)
  })

  it('refuses a configuration in the place of a documented section', () => {
    const firmware = configuration(z.object({ channel: z.string() }))
    expect(() => defineContract({ actions: { firmwareUpdate }, configurations: { firmware } })).toThrow(
      "configuration 'firmware': action 'firmwareUpdate' has the section of this name",
    )
    expect(() => defineContract({ actions: { reboot }, configurations: { firmware } })).not.toThrow()
  })

  it('refuses a configuration with a key that a twin cannot have', () => {
    const rate = configuration(z.object({ $rate: z.number() }))
    expect(() => defineContract({ configurations: { telemetry: rate } })).toThrow(
      "schema of configuration 'telemetry': the key '$rate'",
    )
  })
})

describe('a contract that cannot fit into the reported properties', () => {
  it('is refused, and the largest part named', () => {
    const actions = {
      small: action({ result: z.string().max(100) }),
      large: action({ result: z.object({ log: z.string().max(30_000) }) }),
      middle: action({ result: type('string <= 5000') }),
    }
    expect(() => defineContract({ actions })).toThrow(ContractError)
    expect(() => defineContract({ actions })).toThrow(
      /^contract: may need 3\d{4} bytes of reported properties, the hub allows 32768; the largest part is action 'large' with 30\d{3}$/,
    )
  })

  it('may be one of many configurations', () => {
    const section = configuration(z.object({ text: z.string().max(4000) }))
    expect(() => defineContract({ configurations: copiesOf(section, 7) })).not.toThrow()
    expect(() => defineContract({ configurations: copiesOf(section, 8) })).toThrow(
      /the largest part is configuration 'part0'/,
    )
  })

  it('may be one of many actions', () => {
    expect(() => defineContract({ actions: copiesOf(reboot, 40) })).not.toThrow()
    expect(() => defineContract({ actions: copiesOf(reboot, 60) })).toThrow(ContractError)
  })
})

describe('the secrets of an action', () => {
  const request = z.object({ url: z.string() })
  it('are members of its request', () => {
    const update = action({ request, secrets: ['url'] })
    expect(defineContract({ actions: { update } }).actions.update.secrets).toEqual(['url'])
  })

  it.each([
    ['of a request that has none', { request, secrets: ['uri'] }, "the secret 'uri' is no member of the request"],
    ['named twice', { request, secrets: ['url', 'url'] }, "the secret 'url' is named twice"],
    ['without a request', { secrets: ['url'] }, 'has secrets, and no request'],
    ['without a name', { request, secrets: [''] }, 'a secret is named by its member'],
  ])('are refused when they are %s', (_name, options, message) => {
    // Callers without types can pass anything.
    const update: ActionDefinition = Reflect.apply(action, undefined, [options])
    expect(() => defineContract({ actions: { update } })).toThrow(message)
  })
})
