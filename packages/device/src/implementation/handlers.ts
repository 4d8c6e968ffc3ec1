import type {
  ActionDefinition,
  ActionName,
  ActionResultInput,
  ConfigurationDefinition,
  ConfigurationInput,
  ConfigurationName,
  ConfigurationOutput,
  Contract,
  JsonObject,
  MethodDefinition,
  MethodName,
  MethodRequestOutput,
  MethodResponseInput,
} from '@iothub-dm/protocol'
import type { Operation } from '../operation/operation.ts'

/** What a handler may return: where nothing is expected, it need not say so. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return statement is of type void
type Returned<TValue> = undefined extends TValue ? TValue | void | Promise<TValue | void> : TValue | Promise<TValue>

/** Given to the handler of a method beside the request. */
export interface MethodContext {
  /** Aborted when the agent closes, or the time for an answer is over. */
  readonly signal: AbortSignal
}

/** Handles a plain direct method. What it throws is not told to the caller, who gets status 500. */
export type MethodHandler<TMethod extends MethodDefinition = MethodDefinition> = (
  request: MethodRequestOutput<TMethod>,
  context: MethodContext,
) => Returned<MethodResponseInput<TMethod>>

/**
 * Carries out an action, from the top in every life of the device program: see {@link Operation} for how it reads straight
 * through a restart.
 */
export type ActionHandler<TAction extends ActionDefinition = ActionDefinition> = (
  op: Operation<TAction>,
) => Returned<ActionResultInput<TAction>>

/**
 * What happens to a request for an operation while another one is under way: `refuse` answers 409 `Busy`; `queue` accepts it, and it
 * waits for its turn, also across restarts; `replace` accepts it and cancels what is under way, unless that is past its
 * point of no return.
 */
export type WhenBusy = 'refuse' | 'queue' | 'replace'

/** A handler of an action with options of its own. */
export interface ActionWithOptions<TAction extends ActionDefinition = ActionDefinition> {
  readonly handle: ActionHandler<TAction>
  /**
   * Time limit of an operation of this action, in milliseconds, from when its handler first begins, across restarts. Then its
   * signal is aborted and it fails with `OperationTimedOut`. Default: `operationTimeoutInMs` of the agent.
   */
  readonly timeoutInMs?: number | undefined
  /** What happens when this action is asked for while another operation is under way. Default: `whenBusy` of the agent. */
  readonly whenBusy?: WhenBusy | undefined
  /**
   * What the documented sections of the action's pattern tell of the device besides its operations, such as the version that
   * runs. Asked for once, when the agent opens.
   */
  readonly facts?: (() => JsonObject | Promise<JsonObject>) | undefined
}

/** Given to the handler of a configuration beside the desired value. */
export interface ConfigurationContext<TConfiguration extends ConfigurationDefinition = ConfigurationDefinition> {
  /** What was in use so far; undefined when nothing was, or when it breaks the schema of the software now running. */
  readonly previous: ConfigurationOutput<TConfiguration> | undefined
  /** `$version` of the desired properties. */
  readonly version: number
  /** 1, or more when the device was cut off in the middle of this change before. */
  readonly attempt: number
  /**
   * Whether the value before is put back, because the hub did not confirm the newer one: see `confirmWithinInMs`. `previous` is the
   * one that goes, and `version` that of the one that comes; 0 when it is the device's own.
   */
  readonly isPutBack: boolean
  /** Aborted when a newer value is waiting, or the agent closes. */
  readonly signal: AbortSignal
}

/**
 * Applies a configuration: a value that is new (`previous` is undefined), one that has changed, or its deletion (`desired` is
 * undefined). When it throws, `previous` is reported to be still in use. A promise is awaited, what it returns does not count.
 */
export type ConfigurationHandler<TConfiguration extends ConfigurationDefinition = ConfigurationDefinition> = (
  desired: ConfigurationOutput<TConfiguration> | undefined,
  context: ConfigurationContext<TConfiguration>,
) => unknown

/** A handler of a configuration, with more about it. */
export interface ConfigurationWithOptions<TConfiguration extends ConfigurationDefinition = ConfigurationDefinition> {
  readonly handle: ConfigurationHandler<TConfiguration>
  /** What the device uses, and reports with 203, while nothing is desired. JSON, as a back end would set it. Default: nothing. */
  readonly defaults?: ConfigurationInput<TConfiguration> | undefined
  /**
   * A new value is kept only when the hub was reached again within this time after the handler has applied it, in milliseconds.
   * Otherwise the handler is called with the value before, and the back end is told with 500. For settings that can cut the device
   * off. Default: every value is kept.
   */
  readonly confirmWithinInMs?: number | undefined
  /**
   * What proves that the hub can be reached. `newSession`: the agent ends its session, and another one has begun over a new connection; a
   * connection that is open may outlive a setting that lets no new one through. `roundTrip`: the hub has answered any call,
   * also over the connection that was there. Default: `newSession`.
   */
  readonly confirmBy?: ConfirmationProof | undefined
}

/** What proves that the hub can be reached with a new value, see {@link ConfigurationWithOptions.confirmBy}. */
export type ConfirmationProof = 'newSession' | 'roundTrip'

/** The handlers of a contract's methods, by name. */
export type MethodHandlers<TContract extends Contract> = {
  readonly [TName in MethodName<TContract>]: MethodHandler<TContract['methods'][TName]>
}

/** The handlers of a contract's actions, by name. */
export type ActionHandlers<TContract extends Contract> = {
  readonly [TName in ActionName<TContract>]:
    | ActionHandler<TContract['actions'][TName]>
    | ActionWithOptions<TContract['actions'][TName]>
}

/** A configuration that the agent itself follows, such as the maintenance window policy. */
type FollowedByAgent = { readonly pattern: 'maintenanceWindow' }

/** The handlers of a contract's configurations, by name; those that the agent itself follows have none. */
export type ConfigurationHandlers<TContract extends Contract> = {
  readonly [TName in ConfigurationName<TContract> as TContract['configurations'][TName] extends FollowedByAgent
    ? never
    : TName]:
    | ConfigurationHandler<TContract['configurations'][TName]>
    | ConfigurationWithOptions<TContract['configurations'][TName]>
}

/** Required where there is something to handle, empty or left out where there is nothing. */
type Section<TKey extends string, THandlers> = [keyof THandlers] extends [never]
  ? { readonly [K in TKey]?: Readonly<Record<string, never>> }
  : { readonly [K in TKey]: THandlers }

/** Everything that a device has to handle for a contract. */
export type Handlers<TContract extends Contract> = Section<'methods', MethodHandlers<TContract>> &
  Section<'actions', ActionHandlers<TContract>> &
  Section<'configurations', ConfigurationHandlers<TContract>>
