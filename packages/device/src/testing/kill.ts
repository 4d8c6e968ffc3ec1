/**
 * How a life of the device ends before its time.
 * - `process`: the program is killed; what it has written stays, and the device goes on in the same boot.
 * - `power`: the device loses power; of what was not synced, half is left, and it comes back in another boot.
 */
export type KillKind = 'process' | 'power'

/** A kill at a point. */
export interface Kill {
  /** Counted from 1 through all lives of a run. */
  readonly point: number
  readonly kind: KillKind
}
