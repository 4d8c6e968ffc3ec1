import { cancelOperation, cancelOperationName, decodeRefusal, type OperationState, validate } from '@iothub-dm/protocol'
import { toRefusedError } from '../errors/refused-error.ts'
import { InvalidResponseError } from '../errors/request-errors.ts'
import type { MethodCalls } from '../hub/iot-hub.ts'
import { type CallOptions, callMethod } from '../method/call-method.ts'

/** Asks a device to end an operation, and tells in which state it now is. */
export async function cancelOperationOnDevice(
  hub: MethodCalls,
  deviceId: string,
  operationId: string,
  options?: CallOptions,
): Promise<OperationState> {
  const { status, payload } = await callMethod(hub, deviceId, cancelOperationName, { operationId }, options)
  const item = `to cancel operation '${operationId}'`
  if (status < 200 || status > 299) throw toRefusedError(item, status, decodeRefusal(payload))
  const response = validate(cancelOperation.response, payload, `response of method '${cancelOperationName}'`)
  if (!response.valid) throw new InvalidResponseError(`the answer ${item}`, response.issues)
  return response.value.state
}
