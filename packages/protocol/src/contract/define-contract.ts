import { limits } from '../operation/limits.ts'
import { reportedRoot } from '../operation/reported-section.ts'
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
import { actionSize, configurationSize } from './twin-size.ts'

/** What {@link defineContract} is given. */
export interface ContractOptions<
  TMethods extends Methods,
  TActions extends Actions,
  TConfigurations extends Configurations,
> {
  /** Model identifier (Plug and Play), such as `dtmi:contoso:Camera;1`. */
  readonly modelId?: string
  readonly methods?: TMethods
  readonly actions?: TActions
  readonly configurations?: TConfigurations
}

/**
 * Defines what a device model supports. Import the result on the device and in the back end: both get their types, and
 * their run-time checks, from it.
 *
 * @param options the methods, actions and configurations by name
 * @returns a frozen value
 * @throws ContractError when a name breaks a rule of IoT Hub, is used twice, or when what the contract reports cannot fit
 * into a twin
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
    checkKind(method.kind, 'method', name)
    if (method.request !== undefined) checkSchema(method.request, `request of method '${name}'`)
    if (method.response !== undefined) checkSchema(method.response, `response of method '${name}'`)
  }
  for (const [name, action] of Object.entries(actions)) {
    checkActionName(name)
    checkKind(action.kind, 'action', name)
    checkAction(name, action)
    if (Object.hasOwn(methods, name)) {
      throw new ContractError(`action '${name}'`, 'a method has the same name; both are direct methods of the device')
    }
  }
  for (const [name, configuration] of Object.entries(configurations)) {
    checkConfigurationName(name)
    checkKind(configuration.kind, 'configuration', name)
    checkSchema(configuration.schema, `schema of configuration '${name}'`)
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
  if (action.request !== undefined) checkSchema(action.request, `request of action '${name}'`)
  if (action.result !== undefined) checkSchema(action.result, `result of action '${name}'`)
  checkPhases(name, action.phases)
  checkErrorCodes(name, action.errors)
}

function checkKind(kind: string, expected: string, name: string): void {
  if (kind !== expected)
    throw new ContractError(`${expected} '${name}'`, `must be made by ${expected}(), got a ${kind}`)
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
