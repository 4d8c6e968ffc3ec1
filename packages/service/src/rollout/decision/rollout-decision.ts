import type { Gate, GateVerdict } from '../gate/gate.ts'
import type { RolloutEnding } from './rollout-state.ts'
import type { OutcomeCounts } from './tally.ts'

/** A decision that a rollout made, with the numbers that it was made from: for the audit. */
export type RolloutDecision =
  | { readonly type: 'waveOpened'; readonly wave: number; readonly devices: number }
  | { readonly type: 'waveFinished'; readonly wave: number; readonly counts: OutcomeCounts }
  | { readonly type: 'approvalAwaited'; readonly wave: number }
  | { readonly type: 'proven'; readonly wave: number }
  | {
      readonly type: 'gateClosed'
      readonly wave: number
      /** Whether the wave or the whole rollout was judged. */
      readonly scope: 'wave' | 'rollout'
      readonly gate: Gate
      readonly verdict: GateVerdict
    }
  /** The first devices are over, and none has succeeded. */
  | { readonly type: 'nothingProven'; readonly wave: number; readonly counts: OutcomeCounts }
  | { readonly type: 'ended'; readonly ending: RolloutEnding; readonly counts: OutcomeCounts }
