import type { ActionDefinition } from './action.ts'
import type { ConfigurationDefinition } from './configuration.ts'
import type { MethodDefinition } from './method.ts'

/** Methods by name. */
export type Methods = Readonly<Record<string, MethodDefinition>>
/** Actions by name. */
export type Actions = Readonly<Record<string, ActionDefinition>>
/** Configurations by name. */
export type Configurations = Readonly<Record<string, ConfigurationDefinition>>

/** The set of methods, actions and configurations that a device model supports. Made by {@link defineContract}. */
export interface Contract<
  TMethods extends Methods = Methods,
  TActions extends Actions = Actions,
  TConfigurations extends Configurations = Configurations,
> {
  readonly kind: 'contract'
  /** Model identifier (Plug and Play), if the model has one. */
  readonly modelId: string | undefined
  readonly methods: TMethods
  readonly actions: TActions
  readonly configurations: TConfigurations
}

/** Names of the methods of a contract. */
export type MethodName<TContract extends Contract> = keyof TContract['methods'] & string
/** Names of the actions of a contract. */
export type ActionName<TContract extends Contract> = keyof TContract['actions'] & string
/** Names of the configurations of a contract. */
export type ConfigurationName<TContract extends Contract> = keyof TContract['configurations'] & string
