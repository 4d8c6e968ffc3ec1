import { isJsonObject } from '../json/json-value.ts'
import { twinLevel } from '../json/twin-rules.ts'
import { limits } from '../operation/limits.ts'
import { reportedRoot } from '../operation/reported-section.ts'
import { jsonSchemaOf } from '../schema/json-schema.ts'
import type { Schema } from '../schema/standard-schema.ts'
import { checkSchema } from '../schema/validate.ts'
import type { ActionDefinition } from './action.ts'
import type { Actions, Configurations, Contract, Methods } from './contract.ts'
import { ContractError } from './contract-error.ts'
import {
  checkActionName,
  checkConfigurationName,
  checkErrorCodes,
  checkMethodName,
  checkModelId,
  checkPhases,
} from './names.ts'
import { checkTwinShape } from './twin-shape.ts'
import { actionSize, configurationSize } from './twin-size.ts'

/** What {@link defineContract} is given. */
export interface ContractOptions<
  TMethods extends Methods,
  TActions extends Actions,
  TConfigurations extends Configurations,
> {
  /** Model identifier (Plug and Play), such as `dtmi:contoso:Camera;1`. */
  readonly modelId?: string | undefined
  /** Methods by name. */
  readonly methods?: TMethods | undefined
  /** Actions by name. They share the names of direct methods with `methods`. */
  readonly actions?: TActions | undefined
  /** Configurations by the name of their section. */
  readonly configurations?: TConfigurations | undefined
}

/**
 * Defines what a device model supports. Import the result on the device and in the back end: both get their types, and
 * their run-time checks, from it.
 *
 * @param options the methods, actions and configurations by name
 * @returns a frozen value
 * @throws ContractError when a name breaks a rule of IoT Hub or is used twice, when a definition was not made by `method`,
 * `action` or `configuration`, or when what the contract reports cannot be stored in a twin
 * @throws TypeError when a schema is not a Standard Schema or is asynchronous
 * @example
 * ```ts
 * export const camera = defineContract({
 *   methods: { getLogs: method({ request: v.object({ lines: v.number() }), response: v.array(v.string()) }) },
 *   actions: { reboot },
 * })
 * ```
 */
export function defineContract<
  const TMethods extends Methods = Record<never, never>,
  const TActions extends Actions = Record<never, never>,
  const TConfigurations extends Configurations = Record<never, never>,
>(options: ContractOptions<TMethods, TActions, TConfigurations>): Contract<TMethods, TActions, TConfigurations>
export function defineContract(options: ContractOptions<Methods, Actions, Configurations>): Contract {
  const { modelId, methods = {}, actions = {}, configurations = {} } = options
  if (modelId !== undefined) checkModelId(modelId)
  for (const [name, method] of Object.entries(methods)) {
    checkMethodName(name)
    checkKind(method, 'method', name)
    if (method.request !== undefined) checkSchema(method.request, `request of method '${name}'`)
    if (method.response !== undefined) checkSchema(method.response, `response of method '${name}'`)
  }
  for (const [name, action] of Object.entries(actions)) {
    checkActionName(name)
    checkKind(action, 'action', name)
    checkAction(name, action)
    if (Object.hasOwn(methods, name)) {
      throw new ContractError(`action '${name}'`, 'a method has the same name; both are direct methods of the device')
    }
  }
  for (const [name, configuration] of Object.entries(configurations)) {
    checkConfigurationName(name)
    checkSectionIsFree(name, actions)
    checkKind(configuration, 'configuration', name)
    checkSchema(configuration.schema, `schema of configuration '${name}'`)
    checkTwinShape(`schema of configuration '${name}'`, configuration.schema, twinLevel.configuration)
  }
  checkTwinSize(actions, configurations)
  return Object.freeze({
    kind: 'contract',
    modelId,
    methods: Object.freeze({ ...methods }),
    actions: Object.freeze({ ...actions }),
    configurations: Object.freeze({ ...configurations }),
  })
}

function checkAction(name: string, action: ActionDefinition): void {
  if (action.request !== undefined) checkRequest(`request of action '${name}'`, action.request)
  if (action.result !== undefined) {
    checkSchema(action.result, `result of action '${name}'`)
    checkTwinShape(`result of action '${name}'`, action.result, twinLevel.result)
  }
  checkPhases(name, action.phases)
  checkErrorCodes(name, action.errors)
  checkSecrets(`action '${name}'`, action)
}

/** A documented section of an action and the acknowledgement of a configuration cannot share a place in the twin. */
function checkSectionIsFree(name: string, actions: Actions): void {
  for (const [actionName, { pattern }] of Object.entries(actions)) {
    if (pattern?.desired?.section === name || pattern?.documentedSections?.names.includes(name)) {
      throw new ContractError(`configuration '${name}'`, `action '${actionName}' has the section of this name`)
    }
  }
}

/** The types say the same at compile time; this is for schemas that came without. */
function checkRequest(item: string, request: Schema): void {
  checkSchema(request, item)
  const { type, properties } = jsonSchemaOf(request) ?? {}
  if (typeof type === 'string' && type !== 'object') {
    throw new ContractError(item, `must describe an object, got a schema of type '${type}'`)
  }
  const reserved = ['operationId', 'expiresAt'].find(key => isJsonObject(properties) && Object.hasOwn(properties, key))
  if (reserved !== undefined) throw new ContractError(item, `the member '${reserved}' is reserved`)
}

/** A secret that is misspelt would be written down in the open. */
function checkSecrets(item: string, { request, secrets }: ActionDefinition): void {
  if (!Array.isArray(secrets)) throw new ContractError(item, 'must be made by action() of this version')
  if (secrets.length > 0 && request === undefined) throw new ContractError(item, 'has secrets, and no request')
  const { properties, additionalProperties } = jsonSchemaOf(request) ?? {}
  for (const [index, member] of secrets.entries()) {
    if (typeof member !== 'string' || member === '') throw new ContractError(item, 'a secret is named by its member')
    if (secrets.indexOf(member) !== index) throw new ContractError(item, `the secret '${member}' is named twice`)
    const closed = isJsonObject(properties) && (additionalProperties ?? false) === false
    if (closed && !Object.hasOwn(properties, member)) {
      throw new ContractError(item, `the secret '${member}' is no member of the request`)
    }
  }
}

function checkKind(definition: unknown, expected: string, name: string): void {
  const kind = isJsonObject(definition) ? definition.kind : undefined
  if (kind === expected) return
  const got = typeof kind === 'string' ? `'${kind}'` : definition === null ? 'null' : typeof definition
  throw new ContractError(`${expected} '${name}'`, `must be made by ${expected}(), got ${got}`)
}

function checkTwinSize(actions: Actions, configurations: Configurations): void {
  const sizes = [
    ...Object.entries(actions).map(([name, action]) => [`action '${name}'`, actionSize(name, action)] as const),
    ...Object.entries(configurations).map(
      ([name, configuration]) => [`configuration '${name}'`, configurationSize(name, configuration)] as const,
    ),
  ].toSorted(([, left], [, right]) => right - left)
  const total = sizes.reduce((sum, [, size]) => sum + size, reportedRoot.length)
  const [largest] = sizes
  if (largest !== undefined && total > limits.twinSectionBytes) {
    throw new ContractError(
      'contract',
      `may need ${total} bytes of reported properties, the hub allows ${limits.twinSectionBytes}; the largest part is ${largest[0]} with ${largest[1]}`,
    )
  }
}
