import type {
  ActionName,
  ConfigurationInput,
  ConfigurationName,
  Contract,
  ErrorCodeOf,
  OperationErrorCode,
  OperationState,
  PhaseOf,
} from '@iothub-dm/protocol'
import { reportedRoot } from '@iothub-dm/protocol'
import { type Field, field } from './field.ts'
import type { QueryValue } from './literal.ts'
import { path } from './path.ts'

/** What a condition can ask about a device of a contract. */
export interface TwinFields<TContract extends Contract = Contract> {
  readonly deviceId: Field<string, TContract>
  /** Whether the device may connect. */
  readonly status: Field<'enabled' | 'disabled', TContract>
  /** As of some seconds ago. */
  readonly connectionState: Field<'Connected' | 'Disconnected', TContract>
  /** When the device was last heard of (ISO 8601, UTC). */
  readonly lastActivityTime: Field<string, TContract>
  /** Its model of Plug and Play. */
  readonly modelId: Field<string, TContract>
  /** A tag, or one inside of another. */
  tags(...keys: readonly [string, ...string[]]): Field<QueryValue, TContract>
  /** A desired property of a configuration of the contract. */
  desired<TName extends ConfigurationName<TContract>, TKey extends ConfigurationKey<TContract, TName>>(
    configuration: TName,
    key: TKey,
  ): Field<ConfigurationValue<TContract, TName, TKey>, TContract>
  /** A value of a configuration that the device has in use, as it was acknowledged. */
  acknowledged<TName extends ConfigurationName<TContract>, TKey extends ConfigurationKey<TContract, TName>>(
    configuration: TName,
    key: TKey,
  ): Field<ConfigurationValue<TContract, TName, TKey>, TContract>
  /** How a device acknowledged a configuration: 200 applied, 202 at work, 203 its own default, 400 and 500 failed. */
  acknowledgementCode(configuration: ConfigurationName<TContract>): Field<number, TContract>
  /** The newest operation of an action. */
  action<TName extends ActionName<TContract>>(name: TName): ActionFields<TContract, TName>
  /** Whether a hub configuration targets the device, and has been applied to it. */
  hubConfigurationStatus(configurationId: string): Field<'Targeted' | 'Applied', TContract>
  /** Any reported property. */
  reported(...keys: readonly [string, ...string[]]): Field<QueryValue, TContract>
}

/** What a condition can ask about the newest operation of an action. Times are ISO 8601, UTC, and compare as texts do. */
export interface ActionFields<TContract extends Contract, TName extends ActionName<TContract>> {
  readonly operationId: Field<string, TContract>
  readonly state: Field<OperationState, TContract>
  readonly status: Field<PhaseOf<TContract['actions'][TName]> | OperationState, TContract>
  readonly percent: Field<number, TContract>
  readonly attempt: Field<number, TContract>
  readonly acceptedTime: Field<string, TContract>
  readonly startedTime: Field<string, TContract>
  readonly updatedTime: Field<string, TContract>
  readonly finishedTime: Field<string, TContract>
  readonly errorCode: Field<ErrorCodeOf<TContract['actions'][TName]> | OperationErrorCode, TContract>
}

/** The keys of a configuration that can be compared with. */
type ConfigurationKey<
  TContract extends Contract,
  TName extends ConfigurationName<TContract>,
> = keyof ConfigurationInput<TContract['configurations'][TName]> & string

type ConfigurationValue<
  TContract extends Contract,
  TName extends ConfigurationName<TContract>,
  TKey extends ConfigurationKey<TContract, TName>,
> = Extract<ConfigurationInput<TContract['configurations'][TName]>[TKey], QueryValue>

/** The fields of the twins of a contract. */
export function twinFields<TContract extends Contract>(): TwinFields<TContract> {
  return {
    deviceId: field('deviceId'),
    status: field('status'),
    connectionState: field('connectionState'),
    lastActivityTime: field('lastActivityTime'),
    modelId: field('modelId'),
    tags: (...keys) => field(path('tags', ...keys)),
    desired: (configuration, key) => field(path('properties', 'desired', configuration, key)),
    acknowledged: (configuration, key) => field(path('properties', 'reported', configuration, 'value', key)),
    acknowledgementCode: configuration => field(path('properties', 'reported', configuration, 'ac')),
    action: name => actionFields(name),
    hubConfigurationStatus: id => field(path('configurations', id, 'status')),
    reported: (...keys) => field(path('properties', 'reported', ...keys)),
  }
}

function actionFields<TContract extends Contract, TName extends ActionName<TContract>>(
  name: TName,
): ActionFields<TContract, TName> {
  const of = <TValue extends QueryValue>(...keys: readonly string[]): Field<TValue, TContract> =>
    field(actionPath(name, ...keys))
  return {
    operationId: of('operationId'),
    state: of('state'),
    status: of('status'),
    percent: of('percent'),
    attempt: of('attempt'),
    acceptedTime: of('acceptedTime'),
    startedTime: of('startedTime'),
    updatedTime: of('updatedTime'),
    finishedTime: of('finishedTime'),
    errorCode: of('error', 'code'),
  }
}

/** Where the record of an action stands in a twin. */
export function actionPath(actionName: string, ...keys: readonly string[]): string {
  return path('properties', 'reported', reportedRoot, actionName, ...keys)
}
