import type { JsonObject, JsonValue } from '../json/json-value.ts'
import type { OperationRecord } from '../operation/operation-record.ts'
import type { InputOf, OutputOf, Schema } from '../schema/standard-schema.ts'

/**
 * What an action does to a device, beyond running:
 * `idempotent`: doing it twice is as good as once; `restarts`: the device goes away and comes back; `losesData`: something
 * on the device is gone afterwards; `irreversible`: there is no way back.
 */
export type Effect = 'idempotent' | 'restarts' | 'losesData' | 'irreversible'

/** What Microsoft's or older software reported about an action, in a shape that is not ours. */
export interface PublishedReport {
  /** Which published shape it is. */
  readonly variant: string
  /** When the device began, as it wrote it. */
  readonly startedTime?: string
  /** When the device was done, as it wrote it. */
  readonly finishedTime?: string
  /** How far it is, in the words of that software. */
  readonly status?: string
  /** More about the status, or why it failed. */
  readonly detail?: string
  /** The version that runs on the device, where the pattern is about versions. */
  readonly version?: string
}

/** What {@link DocumentedSections} are made from. */
export interface DocumentedState {
  /** The newest operation of the action; undefined before the first. */
  readonly record: OperationRecord | undefined
  /** The request of that operation, without its secrets; null once it is over. */
  readonly request: JsonValue
  /** What the handler knows of the device, such as the version that runs; see `facts` of an action's handler. */
  readonly facts: JsonObject
}

/** Sections at the root of the reported properties that have been published for an action. */
export interface DocumentedSections {
  /** Their names; no configuration of the contract may have one of them. */
  readonly names: readonly string[]
  /** The most that they take together in the reported properties, as the hub counts, their names included. */
  readonly size: number
  /** The sections by their names. A member that is left out stays as the hub has it. */
  readonly of: (state: DocumentedState) => Readonly<Record<string, JsonObject>>
}

/** How an action is started by a section of the desired properties that has been published. */
export interface DesiredStart {
  /** The section at the root of the desired properties, such as `firmware`. */
  readonly section: string
  /**
   * The payload of the direct method that asks for the same. The section's own `operationId` and `expiresAt` are passed on.
   *
   * @param value the section
   * @returns undefined when the section asks for nothing
   */
  readonly toRequest: (value: JsonValue) => JsonObject | undefined
}

/** What a documented pattern adds to a plain action, so that tools written for Microsoft's samples go on working. */
export interface ActionPattern {
  /** Other method names that the pattern has been published under. */
  readonly aliases: readonly string[]
  /** `restart`: an operation succeeds only when a restart was proven. */
  readonly provenBy?: 'restart'
  /**
   * Tells of a valid request whether the device has to be armed for it: asked for a one-time token, which the request then
   * brings as `token`.
   */
  readonly arming?: (request: unknown) => boolean
  /** Seconds that the request asks to wait before the handler begins. */
  readonly delayInSeconds?: (request: unknown) => number
  /** Turns a payload that is not an object (null, number, string) into a request. */
  readonly fromBarePayload: (payload: JsonValue) => JsonValue
  /** The documented leaves to report beside the record, in `iothubDM.<action>`. */
  readonly documentedLeaves: (record: OperationRecord) => JsonObject
  /** The documented section of the desired properties that starts the action as well. */
  readonly desired?: DesiredStart
  /** The documented sections at the root of the reported properties, reported beside `iothubDM.<action>`. */
  readonly documentedSections?: DocumentedSections
  /** Reads every published shape from the reported properties. */
  readonly decodePublished: (reported: JsonObject) => PublishedReport | undefined
}

/**
 * A device management action: accepted at once, carried out over time, reported through reported properties. Made by
 * {@link action}.
 */
export interface ActionDefinition<
  TRequest extends Schema | undefined = Schema | undefined,
  TResult extends Schema | undefined = Schema | undefined,
  TPhase extends string = string,
  TErrorCode extends string = string,
  TEffect extends Effect = Effect,
> {
  readonly kind: 'action'
  /** Schema of the request, an object; undefined: the action takes none. */
  readonly request: TRequest
  /** Schema of the result; undefined: the action has none. */
  readonly result: TResult
  /** The phases in the order in which they are gone through. */
  readonly phases: readonly TPhase[]
  /** The action's own error codes. */
  readonly errors: readonly TErrorCode[]
  /** What the action does to a device. */
  readonly effects: readonly TEffect[]
  /** Members of the request that are secret. */
  readonly secrets: readonly string[]
  /** The documented pattern behind a built-in action. */
  readonly pattern: ActionPattern | undefined
}

/** Options of {@link action}. */
export interface ActionOptions<
  TRequest extends Schema | undefined,
  TResult extends Schema | undefined,
  TPhase extends string,
  TErrorCode extends string,
  TEffect extends Effect,
> {
  /** Schema of the request. It must describe an object: `operationId` travels beside its members. */
  readonly request?: (TRequest & ObjectRequest<TRequest>) | undefined
  /** Schema of the result. */
  readonly result?: TResult | undefined
  /** The phases in the order in which they are gone through; progress never goes back. */
  readonly phases?: readonly TPhase[] | undefined
  /** The action's own error codes, for `op.fail`. */
  readonly errors?: readonly TErrorCode[] | undefined
  /** What the action does to a device. */
  readonly effects?: readonly TEffect[] | undefined
  /**
   * Members of the request that are secret, such as a URL with a shared access signature. A device keeps them apart from
   * everything else that it keeps of the operation, forgets them when it is over, and never reports or logs them. They are not
   * part of what an operation is: the same operation id with the same other members and fresh secrets renews them.
   */
  readonly secrets?: readonly SecretOf<TRequest>[] | undefined
  /** The documented pattern behind a built-in action. */
  readonly pattern?: ActionPattern | undefined
}

/** The members of a request that can be declared secret. */
export type SecretOf<TRequest extends Schema | undefined> = TRequest extends Schema
  ? MemberOf<InputOf<TRequest>>
  : never

/** Of a union of objects, the members of any of them. */
type MemberOf<TObject> = TObject extends object ? keyof TObject & string : never

/**
 * `unknown` for a schema of an object without reserved members, a sentence for any other, so that the compiler says why it is
 * refused.
 */
export type ObjectRequest<TRequest extends Schema | undefined> = TRequest extends Schema
  ? InputOf<TRequest> extends readonly unknown[]
    ? "The request of an action must be an object, not an array: 'operationId' travels beside its members"
    : InputOf<TRequest> extends object
      ? WithoutReservedMembers<keyof InputOf<TRequest>>
      : "The request of an action must be an object: 'operationId' travels beside its members"
  : unknown

/** An object with an index signature (`string` among its keys) may hold any member, and says nothing about the reserved ones. */
type WithoutReservedMembers<TKey> = string extends TKey
  ? unknown
  : [Extract<TKey, 'operationId' | 'expiresAt'>] extends [never]
    ? unknown
    : "The members 'operationId' and 'expiresAt' of a request are reserved: they travel beside its own"

/**
 * Describes a device management action. Names, schemas and sizes are checked by `defineContract`.
 *
 * @param options schemas, phases, error codes, effects and secrets; all of them may be left out
 * @returns a frozen value
 * @example
 * ```ts
 * const calibrate = action({
 *   request: v.object({ target: v.number() }),
 *   phases: ['warming', 'measuring'],
 *   result: v.object({ offset: v.number() }),
 *   errors: ['sensorFault'],
 *   effects: ['idempotent'],
 * })
 * ```
 */
// NoInfer: inside a contract, the type that is expected there must not fill in for an option that was left out.
export function action<
  TRequest extends Schema | undefined = undefined,
  TResult extends Schema | undefined = undefined,
  const TPhase extends string = never,
  const TErrorCode extends string = never,
  const TEffect extends Effect = never,
>(
  options?: ActionOptions<TRequest, TResult, TPhase, TErrorCode, TEffect>,
): ActionDefinition<NoInfer<TRequest>, NoInfer<TResult>, NoInfer<TPhase>, NoInfer<TErrorCode>, NoInfer<TEffect>>
export function action(
  options: ActionOptions<Schema | undefined, Schema | undefined, string, string, Effect> = {},
): ActionDefinition {
  return Object.freeze({
    kind: 'action',
    request: options.request,
    result: options.result,
    phases: Object.freeze([...(options.phases ?? [])]),
    errors: Object.freeze([...(options.errors ?? [])]),
    effects: Object.freeze([...(options.effects ?? [])]),
    secrets: Object.freeze([...(options.secrets ?? [])]),
    pattern: options.pattern,
  })
}

/** What a caller passes to an action. */
export type ActionRequestInput<TAction extends ActionDefinition> = InputOf<TAction['request']>
/** What the handler of an action reads as `op.request`. */
export type ActionRequestOutput<TAction extends ActionDefinition> = OutputOf<TAction['request']>
/** What the handler of an action returns. */
export type ActionResultInput<TAction extends ActionDefinition> = InputOf<TAction['result']>
/** What the caller of an action gets in the end. */
export type ActionResultOutput<TAction extends ActionDefinition> = OutputOf<TAction['result']>
/** The phases of an action. */
export type PhaseOf<TAction extends ActionDefinition> = TAction['phases'][number]
/** The action's own error codes. */
export type ErrorCodeOf<TAction extends ActionDefinition> = TAction['errors'][number]
