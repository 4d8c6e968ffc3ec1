/** A part of the fleet that is updated before the next one begins. Sizes are those of all waves up to this one together. */
export interface Wave {
  readonly size: WaveSize
  /** How long the devices of the wave are watched after the last one has finished, in milliseconds. */
  readonly soakInMs: number
  /** Whether a person must approve before the wave begins. */
  readonly needsApproval: boolean
}

/** A number of devices, or a share of the fleet in percent. */
export type WaveSize = { readonly devices: number } | { readonly percent: number }

/**
 * Where the wave ends on the line of cohorts: devices below it belong to this wave or to one before.
 *
 * @param cohorts of all devices of the rollout, in ascending order
 * @param from where the wave before ends; a wave never takes devices back
 */
export function waveEnd(size: WaveSize, cohorts: readonly number[], from: number): number {
  if ('percent' in size) return Math.max(from, size.percent / 100)
  // Just above the last device that belongs to the wave; all, when there are not so many.
  const next = cohorts[size.devices]
  return Math.max(from, next ?? 1)
}
