import { evidenceAgainst } from './evidence.ts'

/** What may be wrong with a device of a rollout, as gates count it. */
export const badOutcome = {
  /** The operation failed, or ended without having been carried out. */
  failed: 'failed',
  /** The device refused it. */
  rejected: 'rejected',
  /** The device was told and has not been heard of within the time. */
  silent: 'silent',
  /** It had succeeded, and no longer has: the device fell back, or fails its check. */
  revoked: 'revoked',
} as const

/** One of {@link badOutcome}. */
export type BadOutcome = (typeof badOutcome)[keyof typeof badOutcome]

/** A limit on how many devices may come to harm. */
export interface Gate {
  /** What it counts; more than one are counted together. */
  readonly outcomes: readonly BadOutcome[]
  /** The share of devices that is acceptable, more than 0 and less than 1. */
  readonly maxShare: number
  /** Devices that must have been started before the gate judges: one of two failed is no reason to stop a fleet. */
  readonly minSample: number
  /**
   * How sure the gate must be, in (0, 1): of rollouts within the limit, at most `1 - confidence` are stopped by mistake, however
   * often the gate looks.
   */
  readonly confidence: number
}

/** How many devices were started, and how they fared. */
export interface Tally {
  readonly started: number
  readonly failed: number
  readonly rejected: number
  readonly silent: number
  readonly revoked: number
}

/** What a gate makes of a tally. */
export interface GateVerdict {
  readonly closed: boolean
  readonly bad: number
  readonly sample: number
  /** How strongly the tally speaks against the limit; the gate closes at {@link GateVerdict.threshold}. */
  readonly evidence: number
  readonly threshold: number
}

/** Holds a gate against a tally. */
export function judge(gate: Gate, tally: Tally): GateVerdict {
  const bad = gate.outcomes.reduce((sum, outcome) => sum + tally[outcome], 0)
  const sample = tally.started
  const evidence = evidenceAgainst(bad, sample, gate.maxShare)
  const threshold = 1 / (1 - gate.confidence)
  return { closed: sample >= gate.minSample && evidence >= threshold, bad, sample, evidence, threshold }
}
