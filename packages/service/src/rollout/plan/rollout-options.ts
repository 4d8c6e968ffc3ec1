import type { ActionDefinition, ActionRequestInput, Contract, Effect } from '@iothub-dm/protocol'
import type { Condition } from '../../query/condition.ts'
import type { Gate } from '../gate/gate.ts'
import type { Pace } from './pace.ts'
import type { Attestation } from './rollout-plan.ts'

/** How a rollout of an action is to go; what is left out has a careful default. */
export type RolloutOptions<
  TAction extends ActionDefinition = ActionDefinition,
  TContract extends Contract = Contract,
> = RolloutOptionsBase<TAction, TContract> &
  RequestOption<ActionRequestInput<TAction>> &
  Caution<Extract<TAction['effects'][number], DangerousEffect>>

/** What all rollouts can be told. */
export interface RolloutOptionsBase<
  TAction extends ActionDefinition = ActionDefinition,
  TContract extends Contract = Contract,
> {
  /**
   * Name of the rollout: 1 to 40 letters, digits, `_` or `-`. The same id with the same plan is the same rollout, however often it is
   * begun.
   */
  readonly rolloutId: string
  /** The request that undoes it, for `rollBack`. */
  readonly rollbackRequest?: ActionRequestInput<TAction> | undefined
  /** Which devices. Default: all of the hub. */
  readonly target?: Condition<TContract> | undefined
  /** Devices that are left alone, at most 500. */
  readonly excluded?: readonly string[] | undefined
  /** @default one device, 1 %, 10 %, 50 %, 100 % */
  readonly waves?: readonly WaveOptions[] | undefined
  /** @default 60 a minute, twice as many for every 500 that have succeeded, up to 1,000 */
  readonly pace?: Pace | undefined
  /**
   * How many devices may be at work at a time.
   *
   * @default 100
   */
  readonly concurrency?: number | undefined
  /** @default 5 % failed, silent or revoked; 20 % rejected; each from 20 devices on, with 95 % confidence */
  readonly gates?: readonly Gate[] | undefined
  /**
   * A device that was started and is not heard of for so long counts as silent, in milliseconds.
   *
   * @default 900_000
   */
  readonly silentAfterInMs?: number | undefined
  /**
   * A device that was started and is not done after so long counts as silent as well, in milliseconds.
   *
   * @default 3_600_000
   */
  readonly overdueAfterInMs?: number | undefined
  /** When the rollout ends in any case, at most a week from now: so long devices remember what they have done. Default: in three days. */
  readonly endTime?: Date | undefined
  /**
   * How often an operation that failed may be begun in sum, see `retryFailed`.
   *
   * @default 3
   */
  readonly maxTries?: number | undefined
  /**
   * What becomes of devices that are not connected when it is their turn: `retry` tries them again later, `desired` leaves the request
   * in their desired properties, where they find it when they come back.
   *
   * @default 'retry'
   */
  readonly offline?: 'retry' | 'desired' | undefined
  /**
   * What a device must report when it has succeeded, and go on reporting; otherwise its success is taken back, and gates count it
   * as `revoked`. Default for the action `firmwareUpdate`: `firmware.currentFwVersion` is the version of the request.
   */
  readonly attestation?: Attestation | undefined
}

/** One wave. The size is that of all waves up to this one together. */
export type WaveOptions = ({ readonly devices: number } | { readonly percent: number }) & {
  /**
   * How long the devices of the wave are watched before the next one begins, in milliseconds.
   *
   * @default 900_000
   */
  readonly soakInMs?: number | undefined
  /**
   * Whether somebody must call `approve` before the wave begins.
   *
   * @default false
   */
  readonly needsApproval?: boolean | undefined
}

/** Effects that cannot be made good. */
export type DangerousEffect = Extract<Effect, 'losesData' | 'irreversible'>

/** A first wave of a few devices. */
export type CanaryWave = WaveOptions & { readonly devices: number }

/** An action that cannot be made good must begin with a few devices, and its effects must be named. */
export type Caution<TEffect extends DangerousEffect> = [TEffect] extends [never]
  ? { readonly acknowledge?: undefined }
  : {
      /** That you know what the action does. */
      readonly acknowledge: { readonly [TKey in TEffect]: true }
      /** The first one has at most {@link maxCanaryDevices} devices. */
      readonly waves: readonly [CanaryWave, ...WaveOptions[]]
    }

type RequestOption<TRequest> = undefined extends TRequest
  ? { readonly request?: TRequest }
  : Record<never, never> extends TRequest
    ? { readonly request?: TRequest }
    : { readonly request: TRequest }

/** The options as they are when the types have done their work. */
export interface UncheckedRolloutOptions extends Omit<RolloutOptionsBase, 'target' | 'rollbackRequest'> {
  readonly target?: Condition<never> | undefined
  readonly request?: unknown
  readonly rollbackRequest?: unknown
  readonly acknowledge?: { readonly [TKey in DangerousEffect]?: true } | undefined
}

/** Most devices of a first wave that counts as a canary. */
export const maxCanaryDevices = 10
