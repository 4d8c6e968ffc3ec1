import { decodeArmingAnswer, encodeArmingRequest, type JsonObject } from '@iothub-dm/protocol'
import { toRefusedError } from '../errors/refused-error.ts'
import { InvalidResponseError } from '../errors/request-errors.ts'
import type { MethodCalls } from '../hub/iot-hub.ts'
import { type CallOptions, callMethod } from '../method/call-method.ts'

/**
 * Has a device armed for a request: the first of the two steps of an action that loses data.
 *
 * @returns the request with the token that makes the device take it, once
 * @throws RefusedError, InvalidResponseError, HubError
 */
export async function armAction(
  hub: MethodCalls,
  deviceId: string,
  actionName: string,
  request: JsonObject,
  call: CallOptions,
): Promise<JsonObject> {
  const payload = encodeArmingRequest(request)
  const answer = await callMethod(hub, deviceId, actionName, payload, call)
  const arming = decodeArmingAnswer(answer.status, answer.payload)
  const item = `to be armed for action '${actionName}'`
  switch (arming.kind) {
    case 'armed':
      return { ...request, token: arming.arming.token }
    case 'refused':
      throw toRefusedError(item, arming.status, arming.refusal)
    case 'foreign':
      throw new InvalidResponseError(`the answer ${item}`, [{ path: [], message: 'expected a token' }], answer)
  }
}
