import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts'
import { decodeOperationError } from '../operation/decode-operation.ts'
import type { OperationError, OperationRecord } from '../operation/operation-record.ts'
import { isOperationState, isTerminalState, type OperationState } from '../operation/operation-state.ts'
import { decodeRefusal, type Refusal, type WireAnswer } from './refusal.ts'
import { responseStatus } from './response-status.ts'

/** How a device answered the method that begins an action. */
export type ActionAnswer =
  /** Accepted, now or before, and not yet over. */
  | { readonly kind: 'accepted'; readonly operationId: string; readonly state: OperationState }
  /** Over already: the stored answer. */
  | {
      readonly kind: 'finished'
      readonly operationId: string
      readonly state: OperationState
      readonly result?: JsonValue
      readonly error?: OperationError
    }
  | { readonly kind: 'refused'; readonly status: number; readonly refusal: Refusal }
  /** A success, but not in our shape: a device that runs other software. */
  | { readonly kind: 'foreign'; readonly status: number; readonly payload: JsonValue }

/** Writes the answer for an operation: 202 while it goes on, 200 with its outcome once it is over. */
export function encodeActionAnswer(record: OperationRecord): WireAnswer {
  const { operationId, state, result, error } = record
  if (!isTerminalState(state)) return { status: responseStatus.accepted, payload: { operationId, state } }
  const payload: JsonObject = {
    operationId,
    state,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error: { ...error } }),
  }
  return { status: responseStatus.ok, payload }
}

/** Reads the answer of a device to the method that begins an action. */
export function decodeActionAnswer(status: number, payload: JsonValue): ActionAnswer {
  if (status < 200 || status > 299) return { kind: 'refused', status, refusal: decodeRefusal(payload) }
  if (!isJsonObject(payload)) return { kind: 'foreign', status, payload }
  const { operationId, state, result } = payload
  if (typeof operationId !== 'string' || !isOperationState(state)) return { kind: 'foreign', status, payload }
  if (!isTerminalState(state)) return { kind: 'accepted', operationId, state }
  const error = decodeOperationError(payload.error)
  return {
    kind: 'finished',
    operationId,
    state,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
  }
}
