import type { RolloutState } from '../decision/rollout-state.ts'
import type { OutcomeCounts } from '../decision/tally.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import type { AuditEntry } from './audit-entry.ts'
import type { Lease } from './lease.ts'

/** All that a rollout has to remember beside what the twins of its devices tell. It has the same size for any fleet. */
export interface ControlRecord {
  readonly plan: RolloutPlan
  /** Undefined until a controller has seen the devices. */
  readonly state?: RolloutState | undefined
  readonly lease?: Lease | undefined
  /** How the devices fared when the controller last wrote. */
  readonly counts?: OutcomeCounts | undefined
  readonly audit: readonly AuditEntry[]
}
