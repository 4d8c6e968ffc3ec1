import type { RolloutState } from '../decision/rollout-state.ts'
import type { OutcomeCounts } from '../decision/tally.ts'

/** How far a rollout is. */
export interface RolloutSnapshot {
  readonly rolloutId: string
  /** Undefined until a controller has seen all devices. */
  readonly state: RolloutState | undefined
  /** Devices by how they fare: as the controller sees them, or as it last wrote. On the way back, only those that are taken back. */
  readonly counts: OutcomeCounts | undefined
  /** How many waves the plan has. */
  readonly waves: number
  /** Who carries the rollout out; undefined when nobody does. */
  readonly controller: string | undefined
}
