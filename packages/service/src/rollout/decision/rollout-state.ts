import type { Leg } from '../plan/operation-id.ts'

/** How a rollout came to its end. */
export type RolloutEnding = 'completed' | 'aborted' | 'rolledBack' | 'expired'

/** Why no device is started, although the rollout is not over. */
export interface Hold {
  readonly cause: 'gate' | 'operator'
  /** For people. */
  readonly reason: string
  /** ISO 8601, UTC. */
  readonly time: string
}

/**
 * How far a rollout is. It stands in the control twin and stays small for any fleet: how the single devices fare is told by their
 * own twins.
 */
export interface RolloutState {
  readonly phase: 'awaitingApproval' | 'starting' | 'soaking' | 'over'
  /** When the phase began (ISO 8601, UTC). */
  readonly phaseTime: string
  readonly leg: Leg
  /** Index of the wave in the plan. */
  readonly wave: number
  /** Where the wave begins and ends on the line of cohorts. */
  readonly waveStart: number
  readonly waveEnd: number
  /** 1, and one more each time that what failed is begun again. */
  readonly attempt: number
  /** Whether some device has succeeded; until then one device at a time is started. */
  readonly isProven: boolean
  readonly hold?: Hold
  /** The wave in which gates do not judge, because somebody has overruled them. */
  readonly overruledWave?: number
  readonly ending?: RolloutEnding
}
