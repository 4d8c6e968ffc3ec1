import {
  decodeRefusal,
  type JsonValue,
  type MethodDefinition,
  toJson,
  validate,
  validateWire,
} from '@iothub-dm/protocol'
import { toRefusedError } from '../errors/refused-error.ts'
import { InvalidRequestError, InvalidResponseError } from '../errors/request-errors.ts'
import type { MethodResponse } from '../hub/iot-hub.ts'

/**
 * What a request of a method travels as: the request itself, not what the schema makes of it, because the device holds it against
 * the same schema.
 *
 * @throws InvalidRequestError when it breaks its schema
 */
export function encodeMethodRequest(name: string, definition: MethodDefinition, request: unknown): JsonValue {
  const item = `method '${name}'`
  const value = isEmptyRequest(definition, request) ? {} : request
  const checked = validate(definition.request, value, `request of ${item}`)
  if (!checked.valid) throw new InvalidRequestError(item, checked.issues)
  return value === undefined ? null : toJson(value, `request of ${item}`)
}

/**
 * What a device has answered, as the schema makes it.
 *
 * @throws RefusedError, InvalidResponseError
 */
export function decodeMethodAnswer(name: string, definition: MethodDefinition, answer: MethodResponse): unknown {
  const item = `method '${name}'`
  if (answer.status < 200 || answer.status > 299) {
    throw toRefusedError(item, answer.status, decodeRefusal(answer.payload))
  }
  const response = validateWire(definition.response, answer.payload, `response of ${item}`)
  if (!response.valid) throw new InvalidResponseError(`the response of ${item}`, response.issues, answer)
  return response.value
}

/** A request that was left out travels as an empty object where the schema takes one: all its members are optional. */
function isEmptyRequest({ request: schema }: MethodDefinition, request: unknown): boolean {
  return request === undefined && schema !== undefined && validate(schema, {}, 'empty request').valid
}
