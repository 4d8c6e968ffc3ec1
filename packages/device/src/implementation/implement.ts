import type { ActionDefinition, Contract, MethodDefinition } from '@iothub-dm/protocol'
import type { Operation } from '../operation/operation.ts'
import type { Handlers, MethodContext } from './handlers.ts'

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

/** A contract with a handler for everything in it. Made by {@link implement}. */
export interface Implementation {
  readonly contract: Contract
  /** By name of the direct method. */
  readonly methods: ReadonlyMap<string, BoundMethod>
  /** By name of the action. */
  readonly actions: ReadonlyMap<string, BoundAction>
}

interface ErasedHandlers {
  readonly methods?: Readonly<Record<string, (request: never, context: MethodContext) => unknown>>
  readonly actions?: Readonly<Record<string, (op: never) => unknown>>
}

/**
 * Puts a contract and its handlers together. A handler that is missing, misnamed or of the wrong type does not compile.
 *
 * @param contract from `defineContract`
 * @param handlers a function for each method and action
 * @throws TypeError when a handler is missing or belongs to nothing in the contract
 * @example
 * ```ts
 * const implementation = implement(camera, {
 *   methods: { getLogs: ({ lines }) => tail(lines) },
 *   actions: { reboot: async op => { await op.restart(() => exec('systemctl reboot')) } },
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
