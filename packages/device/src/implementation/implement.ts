import type {
  ActionDefinition,
  ConfigurationDefinition,
  Contract,
  JsonObject,
  JsonValue,
  MethodDefinition,
} from '@iothub-dm/protocol'
import { longestTimeoutInMs } from '../connection/clock.ts'
import type { Operation } from '../operation/operation.ts'
import { checkDefaults } from './check-defaults.ts'
import { checkWhenBusy } from './check-when-busy.ts'
import type { ConfigurationContext, ConfirmationProof, Handlers, MethodContext, WhenBusy } from './handlers.ts'

/** A method with its handler; how its types fit together was checked by {@link implement}. */
export interface BoundMethod {
  readonly definition: MethodDefinition
  handle(request: unknown, context: MethodContext): unknown
}

/** An action with its handler; how its types fit together was checked by {@link implement}. */
export interface BoundAction {
  readonly definition: ActionDefinition
  /** Time limit of an operation, in milliseconds; undefined: that of the agent. */
  readonly timeoutInMs?: number | undefined
  /** undefined: as the agent does. */
  readonly whenBusy?: WhenBusy | undefined
  /** What the documented sections tell of the device; undefined: nothing. */
  readonly facts?: (() => JsonObject | Promise<JsonObject>) | undefined
  handle(op: Operation): unknown
}

/** A configuration with its handler; how its types fit together was checked by {@link implement}. */
export interface BoundConfiguration {
  readonly definition: ConfigurationDefinition
  /** The device's own value; undefined when it has none. */
  readonly defaults: JsonValue | undefined
  /** How long a new value is on trial, in milliseconds; undefined when it is kept at once. */
  readonly confirmWithinInMs: number | undefined
  /** What confirms it. */
  readonly confirmBy: ConfirmationProof
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
  readonly actions?: Readonly<Record<string, ErasedActionHandler | ErasedActionWithOptions>>
  readonly configurations?: Readonly<Record<string, ErasedConfigurationHandler | ErasedConfigurationWithOptions>>
}

type ErasedActionHandler = (op: never) => unknown

interface ErasedActionWithOptions {
  readonly handle: ErasedActionHandler
  readonly timeoutInMs?: number | undefined
  readonly whenBusy?: WhenBusy | undefined
  readonly facts?: (() => JsonObject | Promise<JsonObject>) | undefined
}

type ErasedConfigurationHandler = (desired: never, context: never) => unknown

interface ErasedConfigurationWithOptions {
  readonly handle: ErasedConfigurationHandler
  readonly defaults?: unknown
  readonly confirmWithinInMs?: number | undefined
  readonly confirmBy?: ConfirmationProof | undefined
}

/**
 * Puts a contract and its handlers together. A handler that is missing, misnamed or of the wrong type does not compile.
 *
 * @param contract from `defineContract`
 * @param handlers a function for each method, action and configuration
 * @throws TypeError when a handler is missing or belongs to nothing in the contract, or when the defaults of a configuration
 * break its schema or a rule of the twin
 * @throws RangeError when `confirmWithinInMs` of a configuration, or `timeoutInMs` of an action, is of no use
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
    actions: bindActions(contract, handlers.actions ?? {}),
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

function bindActions(
  { actions }: Contract,
  handlers: NonNullable<ErasedHandlers['actions']>,
): Map<string, BoundAction> {
  const bound = [...bind('action', actions, functionsOf(handlers))]
  return new Map(
    bound.map(([name, { definition, handle }]) => {
      const handler = handlers[name]
      const { timeoutInMs, whenBusy, facts } = hasOptions(handler) ? handler : {}
      checkDuration(`timeoutInMs of action '${name}'`, timeoutInMs)
      checkWhenBusy(`whenBusy of action '${name}'`, whenBusy)
      return [name, { definition, handle, timeoutInMs, whenBusy, facts }]
    }),
  )
}

function bindConfigurations(
  { configurations }: Contract,
  handlers: NonNullable<ErasedHandlers['configurations']>,
): Map<string, BoundConfiguration> {
  // What the agent itself follows has no handler.
  const handled = Object.entries(configurations).filter(([, { pattern }]) => pattern === undefined)
  const bound = [...bind('configuration', Object.fromEntries(handled), functionsOf(handlers))]
  return new Map(
    bound.map(([name, { definition, handle }]) => {
      const handler = handlers[name]
      const { defaults, confirmWithinInMs, confirmBy = 'newSession' } = hasOptions(handler) ? handler : {}
      checkDuration(`confirmWithinInMs of configuration '${name}'`, confirmWithinInMs)
      checkConfirmBy(name, confirmBy)
      const checked = checkDefaults(name, definition, defaults)
      return [name, { definition, handle, defaults: checked, confirmWithinInMs, confirmBy }]
    }),
  )
}

function checkDuration(item: string, durationInMs: number | undefined): void {
  if (durationInMs === undefined) return
  if (Number.isInteger(durationInMs) && durationInMs >= 1 && durationInMs <= longestTimeoutInMs) return
  throw new RangeError(`${item}: expected an integer from 1 to ${longestTimeoutInMs}, got ${durationInMs}`)
}

function checkConfirmBy(name: string, confirmBy: ConfirmationProof): void {
  if (confirmBy === 'newSession' || confirmBy === 'roundTrip') return
  const got = JSON.stringify(confirmBy)
  throw new TypeError(`confirmBy of configuration '${name}': expected 'newSession' or 'roundTrip', got ${got}`)
}

/** The handlers themselves, without their options. */
function functionsOf<THandler>(
  handlers: Readonly<Record<string, THandler | { readonly handle: THandler }>>,
): Readonly<Record<string, THandler>> {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [name, hasOptions(handler) ? handler.handle : handler]),
  )
}

function hasOptions<THandler, TOptions extends { readonly handle: THandler }>(
  handler: THandler | TOptions | undefined,
): handler is TOptions {
  return typeof handler === 'object' && handler !== null
}
