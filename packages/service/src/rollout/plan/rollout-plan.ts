import type { JsonValue } from '@iothub-dm/protocol'
import type { Gate } from '../gate/gate.ts'
import type { Pace } from './pace.ts'
import type { Wave } from './wave.ts'

/**
 * What a rollout will do, decided before it begins and fixed from then on. It is JSON: it stands in the control twin, and its hash
 * tells a process that takes over whether it means the same rollout.
 */
export interface RolloutPlan {
  readonly rolloutId: string
  /** Name of the action in the contract. */
  readonly action: string
  /** The request, without the members that the contract calls secret. */
  readonly request: JsonValue
  /** The request that undoes it, for a rollback; also without secrets. */
  readonly rollbackRequest?: JsonValue
  /** Which devices, as the `WHERE` part of a twin query. */
  readonly target: string
  /** Devices that are left alone although the target takes them in. */
  readonly excluded: readonly string[]
  readonly waves: readonly Wave[]
  readonly pace: Pace
  /** How many devices may be at work at a time. */
  readonly concurrency: number
  readonly gates: readonly Gate[]
  /** A device that was started and is not heard of for so long counts as silent, in milliseconds. */
  readonly silentAfterInMs: number
  /** A device that was started and is not done after so long counts as silent as well, in milliseconds. */
  readonly overdueAfterInMs: number
  /** When the rollout ends in any case (ISO 8601, UTC); no device begins later. */
  readonly endTime: string
  /** How often an operation that failed is begun again, as an operation of its own. */
  readonly maxTries: number
  /** Names of the members that were taken out of the requests because they are secret. */
  readonly secretMembers?: readonly string[]
  /** Devices that cannot be reached find the request in their desired properties when they come back. */
  readonly offline?: 'desired'
  /** A reported property that must have a value on a device that has succeeded; otherwise the success is taken back. */
  readonly attestation?: Attestation
}

/** What a device must report when it has succeeded, and go on reporting. */
export interface Attestation {
  /** Path below the reported properties, such as `['firmware', 'currentFwVersion']`. */
  readonly path: readonly string[]
  readonly value: string | number | boolean
}
