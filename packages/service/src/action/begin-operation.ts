import { type ActionDefinition, encodeActionRequest } from '@iothub-dm/protocol'
import { isOutcomeUnknownError, OutcomeUnknownError } from '../errors/request-errors.ts'
import { isHubError } from '../hub/hub-error.ts'
import type { MethodResponse } from '../hub/iot-hub.ts'
import { boundCall, type CallOptions, callMethod } from '../method/call-method.ts'
import { tryRepeatedly } from '../method/retry.ts'
import type { KnownOperation } from '../operation/known-operation.ts'
import type { ActionContext } from './action-context.ts'
import { armAction } from './arm-action.ts'
import { type CheckedBegin, checkBegin, decodeBegin } from './begin-exchange.ts'
import type { BeginOptions } from './begin-options.ts'
import { requestInTwin } from './desired-lane.ts'
import { findOperation } from './find-operation.ts'

/** How long the twin is looked at when the answer did not come, in milliseconds. */
const lookupTimeoutInMs = 5_000

/** How long a request without `expiresAt` waits in the desired properties, in milliseconds. */
const desiredLifetimeInMs = 24 * 3_600_000

/**
 * Begins an operation on a device.
 *
 * @returns what is known of it: from the device's answer, from the twin where none came, or from what was asked there
 * @throws what `ActionClient.begin` says
 */
export async function beginOperation(
  context: ActionContext,
  deviceId: string,
  actionName: string,
  definition: ActionDefinition,
  request: unknown,
  options: BeginOptions = {},
): Promise<KnownOperation> {
  const { operationId = context.newId(), whenOffline = 'fail', acknowledge, retry, totalTimeoutInMs, ...call } = options
  const mayWait = whenOffline === 'desired'
  // On both lanes the same.
  const expiresAt = options.expiresAt ?? (mayWait ? new Date(context.clock.now() + desiredLifetimeInMs) : undefined)
  const begin = checkBegin(actionName, definition, request, { operationId, expiresAt })
  const isToBeArmed = acknowledge === 'losesData' && mustBeArmed(definition, begin)
  if (isToBeArmed && mayWait) {
    throw new TypeError("whenOffline: expected 'fail' where the device is to be armed first, got 'desired'")
  }
  const bounds = { retry, totalTimeoutInMs, abortSignal: call.abortSignal }
  const place = { context, deviceId, actionName }
  try {
    // With its id an operation may be begun any number of times.
    return await tryRepeatedly(
      context,
      bounds,
      error => !(mayWait && isOffline(error)),
      leftInMs => tryOnce(place, begin, isToBeArmed, call, leftInMs),
    )
  } catch (error) {
    if (!mayWait || !isOffline(error)) throw error
    return requestInTwin(context.hub, deviceId, actionName, begin, timeText(context), {
      abortSignal: call.abortSignal,
    })
  }
}

interface Place {
  readonly context: ActionContext
  readonly deviceId: string
  readonly actionName: string
}

async function tryOnce(
  place: Place,
  begin: CheckedBegin,
  isToBeArmed: boolean,
  options: CallOptions,
  leftInMs = Number.POSITIVE_INFINITY,
): Promise<KnownOperation> {
  const { context, deviceId, actionName } = place
  const { operationId } = begin
  const deadline = context.clock.now() + leftInMs
  // A millisecond, when there is nothing left: the call then tells that its time is over.
  const left = () => Math.max(1, deadline - context.clock.now())
  const call = boundCall(options, left())
  const request = isToBeArmed
    ? await armAction(context.hub, deviceId, actionName, begin.request ?? {}, call)
    : begin.request
  let answer: MethodResponse
  try {
    const payload = encodeActionRequest({ ...begin, request })
    answer = await callMethod(context.hub, deviceId, actionName, payload, boundCall(options, left()))
  } catch (error) {
    if (!isHubError(error) || !error.outcomeUnknown) throw error
    const known = await lookUp(place, operationId, left(), options.abortSignal)
    if (known === undefined) throw new OutcomeUnknownError(operationId, error)
    return known
  }
  return { record: decodeBegin(actionName, operationId, answer, timeText(context)), source: 'answer' }
}

/** The operation as the twin shows it; undefined also when the twin cannot be read: the id of the operation must not be lost. */
async function lookUp(
  { context, deviceId, actionName }: Place,
  operationId: string,
  leftInMs: number,
  abortSignal: AbortSignal | undefined,
): Promise<KnownOperation | undefined> {
  const end = new AbortController()
  const signals = abortSignal === undefined ? [end.signal] : [end.signal, abortSignal]
  const cancelTimer = Number.isFinite(leftInMs) ? context.clock.setTimeout(() => end.abort(), leftInMs) : () => {}
  const timeoutInMs = Math.min(lookupTimeoutInMs, leftInMs)
  try {
    const signal = AbortSignal.any(signals)
    const found = await findOperation(context, deviceId, actionName, operationId, timeoutInMs, signal)
    return found.known
  } catch {
    abortSignal?.throwIfAborted()
    return undefined
  } finally {
    cancelTimer()
  }
}

function mustBeArmed({ pattern }: ActionDefinition, { request }: CheckedBegin): boolean {
  return pattern?.arming?.(request) === true && request?.token === undefined
}

/** Whether the device was away, or went away before it answered. */
function isOffline(error: unknown): boolean {
  return (
    isHubError(error, 'DeviceOffline') || (isOutcomeUnknownError(error) && isHubError(error.cause, 'DeviceOffline'))
  )
}

function timeText({ clock }: ActionContext): string {
  return new Date(clock.now()).toISOString()
}
