/** The kinds of fault. */
export type FaultName =
  | 'answer'
  | 'holdAnswer'
  | 'dropPacket'
  | 'delayPacket'
  | 'cut'
  | 'duplicateDesired'
  | 'reorderDesired'

/** What a fault struck, and when. */
export interface FaultStrike {
  readonly fault: FaultName
  /** Milliseconds since 1970, by the hub's clock. */
  readonly timeInMs: number
  /** The device concerned; undefined when it is about none, or not known yet. */
  readonly deviceId: string | undefined
  /** What was struck, such as `twinRead` or `publish`. */
  readonly what: string
}

/** A fault that waits for its occasion. */
export interface Fault {
  /** Resolves when it strikes for the first time; never, when it does not. */
  readonly struck: Promise<FaultStrike>
  /** Every time it struck so far. */
  readonly strikes: readonly FaultStrike[]
  /** Takes it back. What it keeps back goes on at once. Safe to call at any time. */
  cancel(): void
}

/** Which occasions a fault takes. */
export interface FaultOccasions {
  /** Only those of this device and its modules. Default: of all. */
  readonly deviceId?: string | undefined
  /** The first one to take, counted from 1. Default 1: the next. */
  readonly nth?: number | undefined
  /** How many in a row to take. Default 1; `Infinity` for all that follow. */
  readonly times?: number | undefined
}
