import type { OperationRecord } from '@iothub-dm/protocol'
import { type DeviceEntry, judgeEntry } from '../controller/device-entry.ts'
import type { DeviceOutcome } from '../decision/device-outcome.ts'
import type { RolloutState } from '../decision/rollout-state.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'

/** Why a device is where it is in a rollout. */
export type DeviceReason =
  /** The plan leaves it alone. */
  | 'excluded'
  /** The target does not take it in, or there is no such device. */
  | 'notInTarget'
  /** The rollout has not begun. */
  | 'notBegun'
  /** Its wave has not been opened. */
  | 'laterWave'
  /** Its wave waits for somebody to approve it. */
  | 'awaitingApproval'
  /** A gate, or somebody, has stopped the rollout. */
  | 'held'
  /** The first devices have to succeed before others are started. */
  | 'awaitingProof'
  /** It is next, as pace and concurrency let. */
  | 'awaitingTurn'
  /** The rollout was over before it was its turn. */
  | 'rolloutOver'
  /** How it fares is the reason. */
  | Exclude<DeviceOutcome, 'untouched'>

/** Why a device is updated, or is not. */
export interface DeviceExplanation {
  readonly deviceId: string
  readonly reason: DeviceReason
  /** For people. */
  readonly detail: string
  /** Its operation of the rollout, if there is one. */
  readonly record?: OperationRecord | undefined
}

/** Says why a device is where it is. Pure. */
export function explainDevice(
  deviceId: string,
  entry: DeviceEntry | undefined,
  plan: RolloutPlan,
  state: RolloutState | undefined,
  nowInMs: number,
): DeviceExplanation {
  const explain = (reason: DeviceReason, detail: string): DeviceExplanation => ({
    deviceId,
    reason,
    detail,
    ...(entry?.record === undefined ? {} : { record: entry.record }),
  })
  if (plan.excluded.includes(deviceId)) return explain('excluded', 'the plan leaves it alone')
  if (entry === undefined) return explain('notInTarget', 'the target does not take it in')
  if (state === undefined) return explain('notBegun', 'the rollout has not begun')
  const { outcome } = judgeEntry(entry, plan, state, nowInMs)
  if (outcome !== 'untouched') return explain(outcome, outcomeDetail(outcome, entry, plan))
  if (state.phase === 'over') return explain('rolloutOver', `the rollout is over: ${state.ending}`)
  if (state.hold !== undefined) return explain('held', state.hold.reason)
  if (entry.cohort >= state.waveEnd) return explain('laterWave', `it comes after wave ${state.wave + 1}`)
  if (state.phase === 'awaitingApproval' && entry.cohort >= state.waveStart) {
    return explain('awaitingApproval', `wave ${state.wave + 1} waits to be approved`)
  }
  if (!state.isProven) return explain('awaitingProof', 'one of the first devices has to succeed before')
  return explain('awaitingTurn', 'it is started as pace and concurrency let')
}

function outcomeDetail(outcome: DeviceOutcome, entry: DeviceEntry, { attestation }: RolloutPlan): string {
  const { record, declined, attested } = entry
  const error = record?.error === undefined ? '' : `: ${record.error.code}, ${record.error.message}`
  switch (outcome) {
    case 'revoked':
      return `it had succeeded, but reports ${JSON.stringify(attested)} as ${attestation?.path.join('.') ?? ''}`
    case 'unreachable':
    case 'rejected':
      return record?.state === 'rejected' ? `it refused${error}` : (declined?.reason ?? 'it refused')
    case 'silent':
      return 'it was started and is not heard of'
    case 'open':
      return record === undefined ? 'it was started' : `it is at work: ${record.status}`
    default:
      return `${outcome}${error}`
  }
}
