import type { ActionDefinition, ActionRequestInput } from '@iothub-dm/protocol'
import type { HubTier } from '../../pacing/hub-tier.ts'

/** How a process carries a rollout out. These are no part of the plan: each process may have its own. */
export interface RolloutRunOptions {
  /**
   * The tier of the hub and its units, whose limits are kept.
   *
   * @default one unit of S1
   */
  readonly tier?: HubTier | undefined
  /**
   * The part of the hub's limits that the rollout may use, more than 0 and at most 1.
   *
   * @default 0.5
   */
  readonly budgetShare?: number | undefined
  /**
   * Time between two looks at the devices at work, in milliseconds. Queries keep to the hub's limits besides.
   *
   * @default 5_000
   */
  readonly observeIntervalInMs?: number | undefined
  /**
   * Time between two listings of all devices, in milliseconds: so late devices join that are new.
   *
   * @default 900_000
   */
  readonly refreshIntervalInMs?: number | undefined
  /** Who carries the rollout out, for the audit. Default: the name of the host and the number of the process. */
  readonly by?: string | undefined
}

/** How a process takes a rollout up. */
export interface AttachRolloutOptions<TAction extends ActionDefinition = ActionDefinition> extends RolloutRunOptions {
  /** The secret members of the request, which no twin holds. */
  readonly secrets?: SecretMembers<TAction> | undefined
  /** The secret members of the request that undoes it. */
  readonly rollbackSecrets?: SecretMembers<TAction> | undefined
}

type SecretMembers<TAction extends ActionDefinition> = Partial<NonNullable<ActionRequestInput<TAction>>>
