import {
  type ActionAnswer,
  type ActionDefinition,
  decodeActionAnswer,
  encodeActionRequest,
  isJsonObject,
  type JsonObject,
  type OperationRecord,
  toJson,
  validateActionRequest,
} from '@iothub-dm/protocol'
import { toRefusedError } from '../errors/refused-error.ts'
import { InvalidRequestError, InvalidResponseError, OutcomeUnknownError } from '../errors/request-errors.ts'
import { isHubError } from '../hub/hub-error.ts'
import type { MethodResponse } from '../hub/iot-hub.ts'
import { type CallOptions, callMethod } from '../method/call-method.ts'
import { checkOperationId } from '../operation/check-operation-id.ts'
import type { KnownOperation } from '../operation/followed-operation.ts'
import type { ActionContext } from './action-context.ts'
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
  checkOperationId(operationId)
  const item = `action '${actionName}'`
  const payload = encodeActionRequest({
    operationId,
    expiresAt: expiresAt === undefined ? undefined : timeText('expiresAt', expiresAt),
    request: checkRequest(item, definition, request),
  })
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
  const record = readAnswer(item, operationId, decodeActionAnswer(answer.status, answer.payload), time)
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

function timeText(name: string, time: Date): string {
  if (!(time instanceof Date) || Number.isNaN(time.getTime())) {
    throw new TypeError(`${name}: expected a valid Date, got ${String(time)}`)
  }
  return time.toISOString()
}

function checkRequest(item: string, definition: ActionDefinition, request: unknown): JsonObject | undefined {
  // An action whose request has only optional members may be begun without one.
  const value = request === undefined && definition.request !== undefined ? {} : request
  const checked = validateActionRequest(definition, value, `request of ${item}`)
  if (!checked.valid) throw new InvalidRequestError(item, checked.issues)
  if (value === undefined) return undefined
  // The request itself travels, not what the schema made of it: the device holds it against the same schema.
  const json = toJson(value, `request of ${item}`)
  if (!isJsonObject(json)) throw new InvalidRequestError(item, [{ path: [], message: 'must be an object' }])
  return json
}

function readAnswer(item: string, operationId: string, answer: ActionAnswer, time: string): OperationRecord {
  switch (answer.kind) {
    case 'refused':
      throw toRefusedError(item, answer.status, answer.refusal)
    case 'foreign':
      throw notOurs(item, `expected operationId and state, got the status ${answer.status} of other software`)
    case 'accepted':
    case 'finished': {
      const { kind: _kind, ...known } = answer
      if (known.operationId !== operationId) {
        throw notOurs(item, `expected operation '${operationId}', got '${known.operationId}'`)
      }
      return { ...known, status: answer.state, attempt: 0, acceptedTime: time, updatedTime: time }
    }
  }
}

function notOurs(item: string, message: string): InvalidResponseError {
  return new InvalidResponseError(`the answer to ${item}`, [{ path: [], message }])
}
