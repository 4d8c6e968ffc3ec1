import { type JsonValue, toJson, type WireAnswer } from '@iothub-dm/protocol'
import type { MethodAnswer } from '../connection/hub-connection.ts'
import type { MethodContext } from '../implementation/handlers.ts'

/** A direct method that is not in the contract. */
export interface UnknownMethodCall {
  /** Chosen by the caller: any text that a topic can carry, `__proto__` and `constructor` among them. */
  readonly methodName: string
  /** The hub's id of the call, unique while it waits for its answer. */
  readonly requestId: string
  /** As it came in; null when there was none. */
  readonly payload: JsonValue
}

/** Answers a direct method that is not in the contract. What it throws is not told to the caller, who gets status 500. */
export type UnknownMethodHandler = (
  call: UnknownMethodCall,
  context: MethodContext,
) => MethodAnswer | Promise<MethodAnswer>

/**
 * Answers any method as `az iot device simulate` does unless it is told otherwise: 200 and what came in (Azure CLI IoT extension,
 * MQTT provider).
 */
export const echoMethod: UnknownMethodHandler = ({ methodName, requestId, payload }) => ({
  status: 200,
  payload: { methodName, methodRequestId: requestId, methodRequestPayload: payload },
})

/** @throws TypeError when the option `onUnknownMethod` is neither `'echo'` nor a function */
export function unknownMethodHandler(
  option: 'echo' | UnknownMethodHandler | undefined,
): UnknownMethodHandler | undefined {
  if (option === 'echo') return echoMethod
  if (option === undefined || typeof option === 'function') return option
  throw new TypeError(`onUnknownMethod: expected 'echo' or a function, got ${JSON.stringify(option)}`)
}

/**
 * Takes what a handler returned as an answer.
 *
 * @throws TypeError, RangeError when it is none
 */
export function checkMethodAnswer(answer: MethodAnswer): WireAnswer {
  const { status, payload } = answer
  // It stands in a topic as a signed integer.
  if (!Number.isSafeInteger(status)) {
    throw new RangeError(`status of onUnknownMethod: expected an integer, got ${String(status)}`)
  }
  return { status, payload: payload === undefined ? null : toJson(payload, 'payload of onUnknownMethod') }
}
