import type { ActionDefinition, OperationRecord } from '@iothub-dm/protocol'
import { OutcomeUnknownError } from '../errors/request-errors.ts'
import { isHubError } from '../hub/hub-error.ts'
import type { MethodResponse } from '../hub/iot-hub.ts'
import { type CallOptions, callMethod } from '../method/call-method.ts'
import type { KnownOperation } from '../operation/followed-operation.ts'
import type { ActionContext } from './action-context.ts'
import { decodeBegin, encodeBegin } from './begin-exchange.ts'
import { findOperation } from './find-operation.ts'

/** Options of `begin`. */
export interface BeginOptions extends CallOptions {
  /**
   * Id of the operation: 1 to 64 letters, digits, `.`, `_`, `:`, `-`. Beginning again with the same id never runs anything twice, as
   * long as the device remembers it. Default: a random one.
   */
  readonly operationId?: string | undefined
  /** The device must not begin after this time. */
  readonly expiresAt?: Date | undefined
}

/** How long the twin is looked at when the answer did not come, in milliseconds. */
const lookupTimeoutInMs = 5_000

/**
 * Begins an operation on a device.
 *
 * @returns what is known of it: from the device's answer or, where none came, from the twin
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
  const { operationId = context.newId(), expiresAt, ...call } = options
  const payload = encodeBegin(actionName, definition, request, { operationId, expiresAt })
  let answer: MethodResponse
  try {
    answer = await callMethod(context.hub, deviceId, actionName, payload, call)
  } catch (error) {
    if (!isHubError(error) || !error.outcomeUnknown) throw error
    const record = await lookUp(context, deviceId, actionName, operationId, call.abortSignal)
    if (record === undefined) throw new OutcomeUnknownError(operationId, error)
    return { record, isReported: true }
  }
  const time = new Date(context.clock.now()).toISOString()
  const record = decodeBegin(actionName, operationId, answer, time)
  return { record, isReported: false }
}

/** The operation as the twin shows it; undefined also when the twin cannot be read: the id of the operation must not be lost. */
async function lookUp(
  context: ActionContext,
  deviceId: string,
  actionName: string,
  operationId: string,
  abortSignal: AbortSignal | undefined,
): Promise<OperationRecord | undefined> {
  try {
    const found = await findOperation(context, deviceId, actionName, operationId, lookupTimeoutInMs, abortSignal)
    return found.record
  } catch {
    abortSignal?.throwIfAborted()
    return undefined
  }
}
