/** How fast devices are started. */
export interface Pace {
  /** Devices that are started in a minute, at first. */
  readonly startsPerMinute: number
  /** The pace grows by `factor` each time that so many more devices have succeeded, up to `maxStartsPerMinute`. */
  readonly growth?: {
    readonly factor: number
    readonly everySucceeded: number
    readonly maxStartsPerMinute: number
  }
}

/** Devices that may be started in a minute, after so many have succeeded. */
export function startsPerMinute(pace: Pace, succeeded: number): number {
  const { growth } = pace
  if (growth === undefined) return pace.startsPerMinute
  const steps = Math.floor(succeeded / growth.everySucceeded)
  return Math.min(pace.startsPerMinute * growth.factor ** steps, growth.maxStartsPerMinute)
}
