import type { OperationRecord } from '@iothub-dm/protocol'
import type { BadOutcome } from '../gate/gate.ts'
import { parseOperationId } from '../plan/operation-id.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import type { RolloutState } from './rollout-state.ts'

/** How far a device is in a rollout. */
export type DeviceOutcome =
  /** Not started yet. */
  | 'untouched'
  /** Could not be reached when it was its turn; it gets another one. */
  | 'unreachable'
  /** Started, and not over. */
  | 'open'
  | 'succeeded'
  /** Ended by somebody: a cancel, a newer operation. */
  | 'cancelled'
  | BadOutcome

/** What is known of a device in a rollout. */
export interface DeviceFacts {
  /** What the device last reported about the action, also of an operation that is none of the rollout. */
  readonly record?: OperationRecord | undefined
  /** Why the device took the operation at no time: it refused, or could not be reached. */
  readonly declined?: 'rejected' | 'unreachable' | undefined
  /** When the device was started, milliseconds since 1970; undefined when it was not. */
  readonly startedAtInMs?: number | undefined
  /** When something new was last seen of it, milliseconds since 1970. */
  readonly heardAtInMs?: number | undefined
  /** False when what the device reports contradicts its success. */
  readonly attested?: boolean | undefined
}

/**
 * What the facts about a device mean. Pure, and the same in every process: what one controller knew, another one can tell from the
 * twins again.
 */
export function outcomeOf(facts: DeviceFacts, plan: RolloutPlan, state: RolloutState, nowInMs: number): DeviceOutcome {
  const record = recordOf(facts, plan, state)
  if (record === undefined) {
    if (facts.declined !== undefined) return facts.declined
    return facts.startedAtInMs === undefined ? 'untouched' : openOrSilent(facts, plan, nowInMs)
  }
  switch (record.state) {
    case 'succeeded':
      return facts.attested === false ? 'revoked' : 'succeeded'
    case 'failed':
    case 'expired':
      return 'failed'
    case 'rejected':
      return 'rejected'
    case 'cancelled':
      return 'cancelled'
    case 'waiting':
      // It says itself that it waits, for its maintenance window or a consent: that is no silence.
      return 'open'
    case 'accepted':
    case 'running':
    case 'restarting':
      return openOrSilent(facts, plan, nowInMs)
  }
}

/** The record, when it tells about this leg of the rollout, and not about a try that failed and is to be made again. */
function recordOf(facts: DeviceFacts, plan: RolloutPlan, state: RolloutState): OperationRecord | undefined {
  if (facts.record === undefined) return undefined
  const start = parseOperationId(plan, facts.record.operationId)
  if (start?.leg !== state.leg) return undefined
  const isToBeRepeated = start.attempt < state.attempt && facts.record.state === 'failed'
  return isToBeRepeated ? undefined : facts.record
}

function openOrSilent(facts: DeviceFacts, plan: RolloutPlan, nowInMs: number): DeviceOutcome {
  const startedAtInMs = facts.startedAtInMs ?? nowInMs
  const heardAtInMs = Math.max(facts.heardAtInMs ?? startedAtInMs, startedAtInMs)
  const isSilent = nowInMs - heardAtInMs >= plan.silentAfterInMs
  const isOverdue = nowInMs - startedAtInMs >= plan.overdueAfterInMs
  return isSilent || isOverdue ? 'silent' : 'open'
}
