import type {
  ActionDefinition,
  ConfigurationDefinition,
  Contract,
  JsonValue,
  MethodDefinition,
} from '@iothub-dm/protocol'
import type { Operation } from '../operation/operation.ts'
import { checkDefaults } from './check-defaults.ts'
import type { ConfigurationContext, Handlers, MethodContext } from './handlers.ts'

/** A method with its handler; how its types fit together was checked by {@link implement}. */
export interface BoundMethod {
  readonly definition: MethodDefinition
  handle(request: unknown, context: MethodContext): unknown
}

/** An action with its handler; how its types fit together was checked by {@link implement}. */
export interface BoundAction {
  readonly definition: ActionDefinition
  handle(op: Operation): unknown
}

/** A configuration with its handler; how its types fit together was checked by {@link implement}. */
export interface BoundConfiguration {
  readonly definition: ConfigurationDefinition
  /** The device's own value; undefined when it has none. */
  readonly defaults: JsonValue | undefined
  handle(desired: unknown, context: ConfigurationContext): unknown
}

/** A contract with a handler for everything in it. Made by {@link implement}. */
export interface Implementation {
  readonly contract: Contract
  /** By name of the direct method. */
  readonly methods: ReadonlyMap<string, BoundMethod>
  /** By name of the action. */
  readonly actions: ReadonlyMap<string, BoundAction>
  /** By name of the section. */
  readonly configurations: ReadonlyMap<string, BoundConfiguration>
}

interface ErasedHandlers {
  readonly methods?: Readonly<Record<string, (request: never, context: MethodContext) => unknown>>
  readonly actions?: Readonly<Record<string, (op: never) => unknown>>
  readonly configurations?: Readonly<Record<string, ErasedConfigurationHandler | ErasedConfigurationWithDefaults>>
}

type ErasedConfigurationHandler = (desired: never, context: never) => unknown

interface ErasedConfigurationWithDefaults {
  readonly handle: ErasedConfigurationHandler
  readonly defaults: unknown
}

/**
 * Puts a contract and its handlers together. A handler that is missing, misnamed or of the wrong type does not compile.
 *
 * @param contract from `defineContract`
 * @param handlers a function for each method, action and configuration
 * @throws TypeError when a handler is missing or belongs to nothing in the contract, or when the defaults of a configuration
 * break its schema or a rule of the twin
 * @example
 * ```ts
 * const implementation = implement(camera, {
 *   methods: { getLogs: ({ lines }) => tail(lines) },
 *   actions: { reboot: async op => { await op.restart(() => exec('systemctl reboot')) } },
 *   configurations: { telemetry: desired => apply(desired ?? { sendFrequencySeconds: 60 }) },
 * })
 * ```
 */
export function implement<TContract extends Contract>(
  contract: TContract,
  handlers: Handlers<TContract>,
): Implementation
export function implement(contract: Contract, handlers: ErasedHandlers): Implementation {
  return Object.freeze({
    contract,
    methods: bind('method', contract.methods, handlers.methods ?? {}),
    actions: bind('action', contract.actions, handlers.actions ?? {}),
    configurations: bindConfigurations(contract, handlers.configurations ?? {}),
  })
}

function bind<TDefinition, THandler>(
  kind: string,
  definitions: Readonly<Record<string, TDefinition>>,
  handlers: Readonly<Record<string, THandler>>,
): Map<string, { readonly definition: TDefinition; readonly handle: THandler }> {
  const stray = Object.keys(handlers).find(name => !Object.hasOwn(definitions, name))
  if (stray !== undefined) throw new TypeError(`handler '${stray}' belongs to no ${kind} of the contract`)
  return new Map(
    Object.entries(definitions).map(([name, definition]) => {
      const handle = Object.hasOwn(handlers, name) ? handlers[name] : undefined
      if (typeof handle !== 'function') {
        throw new TypeError(`${kind} '${name}' needs a handler, got ${handle === null ? 'null' : typeof handle}`)
      }
      return [name, { definition, handle }]
    }),
  )
}

function bindConfigurations(
  { configurations }: Contract,
  handlers: NonNullable<ErasedHandlers['configurations']>,
): Map<string, BoundConfiguration> {
  const functions: Readonly<Record<string, ErasedConfigurationHandler>> = Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [name, hasDefaults(handler) ? handler.handle : handler]),
  )
  const bound = [...bind('configuration', configurations, functions)]
  return new Map(
    bound.map(([name, { definition, handle }]) => {
      const handler = handlers[name]
      const defaults = hasDefaults(handler) ? checkDefaults(name, definition, handler.defaults) : undefined
      return [name, { definition, handle, defaults }]
    }),
  )
}

function hasDefaults(handler: unknown): handler is ErasedConfigurationWithDefaults {
  return typeof handler === 'object' && handler !== null
}
