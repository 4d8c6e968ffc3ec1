import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts'
import { isOperationState, type OperationState } from '../operation/operation-state.ts'
import { type Issue, maxIssues } from '../schema/issues.ts'

/** The codes with which a device refuses a direct method, and the status that goes with each. */
export const refusalStatus = {
  /** The payload breaks the schema; `issues` says where. */
  InvalidPayload: 400,
  MethodNotFound: 404,
  /** `cancelOperation`: the device knows no such operation. */
  OperationNotFound: 404,
  /** Another operation is under way; `operation` says which. */
  Busy: 409,
  /** The same operation id came with another request. */
  OperationConflict: 409,
  /** `cancelOperation`: the operation is over, or past the point of no return. */
  NotCancellable: 409,
  /** `expiresAt` has passed. */
  Expired: 410,
  /** The device was not armed for the request, or its token is wrong, used or too old: ask for another one. */
  NotArmed: 428,
  /** The action failed too often lately; the message says until when it is refused. */
  TooManyFailures: 429,
  /** The device has as many requests, or waiting operations, as it takes on at a time. */
  TooManyRequests: 429,
  /** The handler threw, or returned what it must not. */
  HandlerFailed: 500,
  /** The handler did not answer in time. */
  HandlerTimeout: 500,
  /** The response of the handler is larger than the hub takes. */
  ResponseTooLarge: 500,
  /** The device is starting or closing. */
  NotReady: 503,
  /** The device cannot write to its disk. */
  PersistenceFailed: 503,
} as const

/** A code with which a device refuses a direct method. */
export type RefusalCode = keyof typeof refusalStatus

/** Another operation that stands in the way. */
export interface OperationReference {
  readonly action: string
  readonly operationId: string
  readonly state: OperationState
}

/** Why a device refused a direct method. `code` is open: newer devices may know more of them. */
export interface Refusal {
  readonly code: RefusalCode | (string & {})
  readonly message: string
  /** For `InvalidPayload`: what is wrong, at most ten issues. */
  readonly issues?: readonly Issue[]
  /** For `Busy`: the operation that is under way. */
  readonly operation?: OperationReference
}

/** What a device sends back: status and payload. */
export interface WireAnswer {
  readonly status: number
  readonly payload: JsonValue
}

/**
 * Writes a refusal as the answer of a direct method.
 *
 * @param refusal its message must not hold a secret or a stack
 */
export function encodeRefusal(refusal: Refusal & { readonly code: RefusalCode }): WireAnswer {
  const { code, message, issues, operation } = refusal
  const error: JsonObject = {
    code,
    message,
    ...(issues === undefined ? {} : { issues: issues.slice(0, maxIssues).map(issue => ({ ...issue })) }),
    ...(operation === undefined ? {} : { operation: { ...operation } }),
  }
  return { status: refusalStatus[code], payload: { error } }
}

/** Reads a refusal from an answer; any other payload becomes one with the code `Unknown`, a text its message. */
export function decodeRefusal(payload: unknown): Refusal {
  if (typeof payload === 'string' && payload !== '') return { code: 'Unknown', message: payload }
  const error = isJsonObject(payload) ? payload.error : undefined
  if (!isJsonObject(error)) return { code: 'Unknown', message: noReason }
  const issues = decodeIssues(error.issues)
  const operation = decodeReference(error.operation)
  return {
    code: typeof error.code === 'string' ? error.code : 'Unknown',
    message: typeof error.message === 'string' ? error.message : noReason,
    ...(issues === undefined ? {} : { issues }),
    ...(operation === undefined ? {} : { operation }),
  }
}

const noReason = 'the device gave no reason'

function decodeIssues(value: JsonValue | undefined): readonly Issue[] | undefined {
  if (!Array.isArray(value)) return undefined
  return value.slice(0, maxIssues).flatMap((issue: JsonValue) => {
    if (!isJsonObject(issue) || typeof issue.message !== 'string') return []
    const keys: readonly JsonValue[] = Array.isArray(issue.path) ? issue.path : []
    return [{ path: keys.filter(key => typeof key === 'string' || typeof key === 'number'), message: issue.message }]
  })
}

function decodeReference(value: JsonValue | undefined): OperationReference | undefined {
  if (!isJsonObject(value)) return undefined
  const { action, operationId, state } = value
  if (typeof action !== 'string' || typeof operationId !== 'string' || !isOperationState(state)) return undefined
  return { action, operationId, state }
}
