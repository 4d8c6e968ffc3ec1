import {
  type ActionDefinition,
  decodeActionAnswer,
  encodeActionRequest,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type OperationRecord,
  toJson,
  validateActionRequest,
} from '@iothub-dm/protocol'
import { toRefusedError } from '../errors/refused-error.ts'
import { InvalidRequestError, InvalidResponseError } from '../errors/request-errors.ts'
import { checkDate } from '../hub/check-arguments.ts'
import type { MethodResponse } from '../hub/iot-hub.ts'
import { checkOperationId } from '../operation/check-operation-id.ts'

/** A request that was checked, and what travels beside it. */
export interface CheckedBegin {
  readonly operationId: string
  /** ISO 8601, UTC. */
  readonly expiresAt: string | undefined
  readonly request: JsonObject | undefined
}

/**
 * What travels to begin an operation.
 *
 * @throws InvalidRequestError when the request breaks its schema
 * @throws TypeError, RangeError for an id or a time that is of no use
 */
export function encodeBegin(
  actionName: string,
  definition: ActionDefinition,
  request: unknown,
  operation: { readonly operationId: string; readonly expiresAt?: Date | undefined },
): JsonValue {
  return encodeActionRequest(checkBegin(actionName, definition, request, operation))
}

/**
 * Checks everything that is to begin an operation.
 *
 * @throws InvalidRequestError when the request breaks its schema
 * @throws TypeError, RangeError for an id or a time that is of no use
 */
export function checkBegin(
  actionName: string,
  definition: ActionDefinition,
  request: unknown,
  { operationId, expiresAt }: { readonly operationId: string; readonly expiresAt?: Date | undefined },
): CheckedBegin {
  checkOperationId(operationId)
  return {
    operationId,
    expiresAt: expiresAt === undefined ? undefined : timeText('expiresAt', expiresAt),
    request: checkRequest(`action '${actionName}'`, definition, request),
  }
}

/**
 * The record of an operation, as far as the device's answer to its begin tells it.
 *
 * @throws RefusedError, InvalidResponseError
 */
export function decodeBegin(
  actionName: string,
  operationId: string,
  { status, payload }: MethodResponse,
  time: string,
): OperationRecord {
  const item = `action '${actionName}'`
  const answer = decodeActionAnswer(status, payload)
  switch (answer.kind) {
    case 'refused':
      throw toRefusedError(item, answer.status, answer.refusal)
    case 'foreign':
      throw notOurs(item, `expected operationId and state, got the status ${answer.status} of other software`, {
        status,
        payload,
      })
    case 'accepted':
    case 'finished': {
      const { kind: _kind, ...known } = answer
      if (known.operationId !== operationId) {
        throw notOurs(item, `expected operation '${operationId}', got '${known.operationId}'`, { status, payload })
      }
      return { ...known, status: answer.state, attempt: 0, acceptedTime: time, updatedTime: time }
    }
  }
}

function timeText(name: string, time: Date): string {
  checkDate(name, time)
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

function notOurs(item: string, message: string, answer: MethodResponse): InvalidResponseError {
  return new InvalidResponseError(`the answer to ${item}`, [{ path: [], message }], answer)
}
