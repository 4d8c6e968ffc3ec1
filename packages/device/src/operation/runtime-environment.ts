/** What a running operation needs from the agent around it. */
export interface RuntimeEnvironment {
  /** Which boot of the device this is. */
  readonly bootId: string
  /** How many operations that lose data the device has begun in its life. Default: 0, nothing counts them. */
  readonly identityEpoch?: (() => number) | undefined
  /** Milliseconds since 1970. */
  now(): number
  /** The time now in ISO 8601, UTC. */
  timestamp(): string
  /** Resolves after the delay; rejects with the signal's reason when it is aborted first. */
  sleep(delayInMs: number, signal: AbortSignal): Promise<void>
  /** Lets the last report leave; resolves when the hub has it, or after a short while without. */
  flushReports(): Promise<void>
}
