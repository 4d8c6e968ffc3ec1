import type { JsonValue, OperationRecord } from '@iothub-dm/protocol'
import { type DeviceFacts, type DeviceOutcome, outcomeOf } from '../decision/device-outcome.ts'
import type { RolloutState } from '../decision/rollout-state.ts'
import { type Leg, parseOperationId } from '../plan/operation-id.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import type { Sighting } from './rollout-queries.ts'

/** Which start of a device something belongs to. */
interface StartOf {
  readonly leg: Leg
  readonly attempt: number
}

/** What a controller knows of one device. */
export interface DeviceEntry {
  readonly deviceId: string
  readonly cohort: number
  /** The newest operation of this rollout that was seen. */
  record?: OperationRecord | undefined
  /** `$version` of the reported properties of the newest sighting. */
  version: number
  /** When something new was last seen, milliseconds since 1970. */
  heardAtInMs?: number | undefined
  attested?: JsonValue | undefined
  /** The last start by this controller. */
  started?: (StartOf & { readonly atInMs: number }) | undefined
  /** Why the last start came to nothing, and until when it is not tried again. */
  declined?: (StartOf & Declined) | undefined
  /** When its twin was last read, milliseconds since 1970: a device is called silent only after that. */
  readAtInMs: number
}

/** Why a device was not started. */
export interface Declined {
  readonly as: 'rejected' | 'unreachable'
  /** For people. */
  readonly reason: string
  /** Milliseconds since 1970. */
  readonly untilInMs: number
}

/** Takes in what was seen of a device. What is older than what is known changes nothing. */
export function see(entry: DeviceEntry, plan: RolloutPlan, sighting: Sighting, nowInMs: number): void {
  if (sighting.version < entry.version) return
  const isNew = sighting.version > entry.version
  entry.version = sighting.version
  entry.attested = sighting.attested
  takeRecord(entry, plan, sighting.record)
  // The hub's clock says when, unless it is ahead of ours.
  if (isNew) entry.heardAtInMs = Math.min(nowInMs, sighting.reportedAtInMs ?? nowInMs)
}

/** Takes in what the device answered when it was started. */
export function takeAnswer(entry: DeviceEntry, plan: RolloutPlan, record: OperationRecord): void {
  // The twin says more than the answer.
  if (entry.record?.operationId !== record.operationId) takeRecord(entry, plan, record)
}

/** Only operations of the rollout count, and a later one for more than an earlier one. */
function takeRecord(entry: DeviceEntry, plan: RolloutPlan, record: OperationRecord | undefined): void {
  if (record === undefined) return
  const start = parseOperationId(plan, record.operationId)
  if (start === undefined) return
  const known = entry.record === undefined ? undefined : parseOperationId(plan, entry.record.operationId)
  if (known === undefined || rank(start) >= rank(known)) entry.record = record
}

function rank({ leg, attempt }: StartOf): number {
  return (leg === 'back' ? 1_000 : 0) + attempt
}

/** Whether a rollout has to do with a device on its way back: only with those that it has started. */
export function isTouched(entry: DeviceEntry): boolean {
  return entry.record !== undefined || entry.started !== undefined
}

/** How a device fares; `isToBeRead` asks to read its twin before it is called silent. */
export function judgeEntry(
  entry: DeviceEntry,
  plan: RolloutPlan,
  state: RolloutState,
  nowInMs: number,
): { readonly outcome: DeviceOutcome; readonly isToBeRead: boolean } {
  const facts = factsOf(entry, plan, state, nowInMs)
  const outcome = outcomeOf(facts, plan, state, nowInMs)
  const isToBeRead = outcome === 'silent' && nowInMs - entry.readAtInMs >= plan.silentAfterInMs
  return { outcome: isToBeRead ? 'open' : outcome, isToBeRead }
}

function factsOf(entry: DeviceEntry, plan: RolloutPlan, state: RolloutState, nowInMs: number): DeviceFacts {
  const { record, declined, heardAtInMs } = entry
  const isDeclined = declined?.leg === state.leg && (declined.as === 'rejected' || nowInMs < declined.untilInMs)
  const acceptedAtInMs = record === undefined ? undefined : Math.min(nowInMs, Date.parse(record.acceptedTime))
  return {
    record,
    heardAtInMs,
    declined: isDeclined ? declined.as : undefined,
    startedAtInMs: startOf(entry, plan, state)?.atInMs ?? (isOfLeg(entry, plan, state) ? acceptedAtInMs : undefined),
    attested: isAttested(entry, plan, state),
  }
}

/** The start that still counts: not one whose operation has failed and is to be begun again. */
function startOf(entry: DeviceEntry, plan: RolloutPlan, state: RolloutState): DeviceEntry['started'] {
  const { started, record } = entry
  if (started?.leg !== state.leg) return undefined
  const of = record === undefined ? undefined : parseOperationId(plan, record.operationId)
  const isOver = of?.leg === started.leg && of.attempt === started.attempt && record?.state === 'failed'
  return isOver && started.attempt < state.attempt ? undefined : started
}

/** Whether the record belongs to this leg, and is not one that is to be begun again. */
function isOfLeg({ record }: DeviceEntry, plan: RolloutPlan, state: RolloutState): boolean {
  const of = record === undefined ? undefined : parseOperationId(plan, record.operationId)
  return of?.leg === state.leg && !(record?.state === 'failed' && of.attempt < state.attempt)
}

function isAttested(
  { attested }: DeviceEntry,
  { attestation }: RolloutPlan,
  { leg }: RolloutState,
): boolean | undefined {
  if (attestation === undefined || leg === 'back' || attested === undefined) return undefined
  return attested === attestation.value
}
