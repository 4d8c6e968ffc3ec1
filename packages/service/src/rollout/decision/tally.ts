import type { Tally } from '../gate/gate.ts'
import type { DeviceOutcome } from './device-outcome.ts'

/** A device of a rollout, and how it fares. */
export interface RolloutDevice {
  readonly deviceId: string
  /** Its place on the line of cohorts. */
  readonly cohort: number
  readonly outcome: DeviceOutcome
}

/** How many devices are in each state. */
export type OutcomeCounts = { readonly [TOutcome in DeviceOutcome]: number }

/** Counts the devices from one place on the line of cohorts up to another. */
export function countOutcomes(devices: Iterable<RolloutDevice>, from: number, to: number): OutcomeCounts {
  const counts = {
    untouched: 0,
    unreachable: 0,
    open: 0,
    succeeded: 0,
    cancelled: 0,
    failed: 0,
    rejected: 0,
    silent: 0,
    revoked: 0,
  }
  for (const { cohort, outcome } of devices) if (cohort >= from && cohort < to) counts[outcome] += 1
  return counts
}

/** What gates are held against. */
export function tallyOf(counts: OutcomeCounts): Tally {
  const { open, succeeded, cancelled, failed, rejected, silent, revoked } = counts
  const started = open + succeeded + cancelled + failed + rejected + silent + revoked
  return { started, failed, rejected, silent, revoked }
}
