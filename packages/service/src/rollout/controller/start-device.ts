import {
  type ActionDefinition,
  encodeDesiredOperation,
  isJsonObject,
  type JsonObject,
  joinRequest,
  type OperationRecord,
} from '@iothub-dm/protocol'
import { decodeBegin, encodeBegin } from '../../action/begin-exchange.ts'
import type { Clock } from '../../clock/clock.ts'
import { isRefusedError } from '../../errors/refused-error.ts'
import { isHubError } from '../../hub/hub-error.ts'
import type { HubCallOptions, IotHub } from '../../hub/iot-hub.ts'
import { callMethod } from '../../method/call-method.ts'
import { requestBlocks } from '../../pacing/request-blocks.ts'
import { updateTwin } from '../../twin/update-twin.ts'
import type { RolloutSecrets } from '../plan/compile-plan.ts'
import { type Leg, operationIdOf } from '../plan/operation-id.ts'
import type { RolloutPlan } from '../plan/rollout-plan.ts'
import type { Declined } from './device-entry.ts'

/** What the start of a device came to. */
export type StartResult =
  | { readonly type: 'begun'; readonly record: OperationRecord }
  /** No answer came: it may have begun. */
  | { readonly type: 'unknown' }
  | { readonly type: 'declined'; readonly declined: Declined }
  /** The hub was in the way, not the device: it may be tried again at once. */
  | { readonly type: 'postponed'; readonly error: unknown }

/** One start, the same for all devices. */
export interface Start {
  readonly action: string
  readonly operationId: string
  /** What the direct method carries. */
  readonly payload: JsonObject
  /** How many times the direct method counts against the limits of the hub. */
  readonly blocks: number
  /** What the desired properties carry instead, where devices are not connected. */
  readonly offline: RolloutPlan['offline']
}

/** How long a device that could not be reached, or was busy, is left alone, in milliseconds. */
const unreachableInMs = 10 * 60_000
const busyInMs = 60_000

/** Makes what starts the devices. */
export function prepareStart(
  plan: RolloutPlan,
  definition: ActionDefinition,
  secrets: RolloutSecrets,
  leg: Leg,
  attempt: number,
): Start {
  const operationId = operationIdOf(plan, leg, attempt)
  const [open = {}, secret] =
    leg === 'forward' ? [plan.request, secrets.request] : [plan.rollbackRequest, secrets.rollbackRequest]
  const request = definition.request === undefined ? undefined : joinRequest({ open, secrets: secret })
  const encoded = encodeBegin(plan.action, definition, request, { operationId, expiresAt: new Date(plan.endTime) })
  const payload = isJsonObject(encoded) ? encoded : {}
  const blocks = requestBlocks(Buffer.byteLength(JSON.stringify(payload)))
  return { action: plan.action, operationId, payload, blocks, offline: plan.offline }
}

/** Starts one device, and says what came of it. It never throws. */
export async function startDevice(
  { hub, clock }: { readonly hub: IotHub; readonly clock: Clock },
  deviceId: string,
  start: Start,
  options: HubCallOptions,
): Promise<StartResult> {
  const { action, operationId, payload } = start
  try {
    const answer = await callMethod(hub, deviceId, action, payload, options)
    const record = decodeBegin(action, operationId, answer, new Date(clock.now()).toISOString())
    return { type: 'begun', record }
  } catch (error) {
    if (!isHubError(error)) return declinedBy(error, clock.now())
    if (error.outcomeUnknown) return { type: 'unknown' }
    if (error.code === 'DeviceOffline') return startLater(hub, clock, deviceId, start, options)
    if (error.code !== 'DeviceNotFound' && error.code !== 'PayloadTooLarge') return { type: 'postponed', error }
    return declined('rejected', error.message, Number.POSITIVE_INFINITY)
  }
}

/** What becomes of a device that is not connected. */
async function startLater(
  hub: IotHub,
  clock: Clock,
  deviceId: string,
  { action, operationId, payload, offline }: Start,
  options: HubCallOptions,
): Promise<StartResult> {
  if (offline === undefined) {
    return declined('unreachable', 'it is not connected', clock.now() + unreachableInMs)
  }
  const { operationId: _id, expiresAt, ...request } = payload
  const wanted = { operationId, request, expiresAt: typeof expiresAt === 'string' ? expiresAt : undefined }
  try {
    await updateTwin(
      hub,
      deviceId,
      ({ desired }) => {
        const patch = encodeDesiredOperation(action, wanted, desired)
        return patch === undefined ? undefined : { desired: patch }
      },
      options,
    )
  } catch (error) {
    if (isHubError(error)) return { type: 'postponed', error }
    return declinedBy(error, clock.now())
  }
  return declined('unreachable', 'it finds the request when it is connected', Number.POSITIVE_INFINITY)
}

function declinedBy(error: unknown, nowInMs: number): StartResult {
  const reason = error instanceof Error ? error.message : String(error)
  // Busy, starting, out of disk: it may take the request later.
  const isTemporary = isRefusedError(error) && error.retryable
  return isTemporary
    ? declined('unreachable', reason, nowInMs + busyInMs)
    : declined('rejected', reason, Number.POSITIVE_INFINITY)
}

function declined(as: Declined['as'], reason: string, untilInMs: number): StartResult {
  return { type: 'declined', declined: { as, reason, untilInMs } }
}
