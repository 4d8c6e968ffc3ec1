import {
  type ActionAnswer,
  type ActionDefinition,
  decodeActionAnswer,
  encodeActionRequest,
  isJsonObject,
  isOperationId,
  type JsonObject,
  type OperationRecord,
  toJson,
  validate,
} from '@iothub-dm/protocol'
import { toRefusedError } from '../errors/refused-error.ts'
import { InvalidRequestError, InvalidResponseError, OutcomeUnknownError } from '../errors/request-errors.ts'
import { isHubError } from '../hub/hub-error.ts'
import { type CallOptions, callMethod } from '../method/call-method.ts'
import type { ActionContext } from './action-context.ts'
import { findOperation } from './find-operation.ts'

/** Options of `begin`. */
export interface BeginOptions extends CallOptions {
  /**
   * Id of the operation: 1 to 64 letters, digits, `.`, `_`, `:`, `-`. Beginning again with the same id never runs anything twice.
   * Default: a random one.
   */
  readonly operationId?: string | undefined
  /** The device must not begin after this time. */
  readonly expiresAt?: Date | undefined
}

/** How long the twin is looked at when the answer did not come. */
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
): Promise<OperationRecord> {
  const { operationId = context.newId(), expiresAt, ...call } = options
  if (!isOperationId(operationId)) {
    throw new TypeError(`operationId: expected 1 to 64 letters, digits or . _ : -, got ${JSON.stringify(operationId)}`)
  }
  const item = `action '${actionName}'`
  const payload = encodeActionRequest({
    operationId,
    expiresAt: expiresAt?.toISOString(),
    request: checkRequest(item, definition, request),
  })
  try {
    const { status, payload: answer } = await callMethod(context.hub, deviceId, actionName, payload, call)
    return readAnswer(item, decodeActionAnswer(status, answer), context)
  } catch (error) {
    if (!isHubError(error) || !error.outcomeUnknown) throw error
    const { abortSignal } = call
    const found = await findOperation(context, deviceId, actionName, operationId, lookupTimeoutInMs, abortSignal)
    if (found.record === undefined) throw new OutcomeUnknownError(operationId, error)
    return found.record
  }
}

function checkRequest(item: string, definition: ActionDefinition, request: unknown): JsonObject | undefined {
  // An action whose request has only optional members may be begun without one.
  const value = request === undefined && definition.request !== undefined ? {} : request
  const checked = validate(definition.request, value, `request of ${item}`)
  if (!checked.valid) throw new InvalidRequestError(item, checked.issues)
  if (value === undefined) return undefined
  // The request itself travels, not what the schema made of it: the device holds it against the same schema.
  const json = toJson(value, `request of ${item}`)
  if (!isJsonObject(json)) throw new InvalidRequestError(item, [{ path: [], message: 'must be an object' }])
  return json
}

function readAnswer(item: string, answer: ActionAnswer, context: ActionContext): OperationRecord {
  switch (answer.kind) {
    case 'refused':
      throw toRefusedError(item, answer.status, answer.refusal)
    case 'foreign': {
      const message = `expected operationId and state, got the status ${answer.status} of other software`
      throw new InvalidResponseError(`the answer to ${item}`, [{ path: [], message }])
    }
    case 'accepted':
    case 'finished': {
      const { kind: _kind, ...known } = answer
      const time = new Date(context.clock.now()).toISOString()
      return { ...known, status: answer.state, attempt: 0, acceptedTime: time, updatedTime: time }
    }
  }
}
