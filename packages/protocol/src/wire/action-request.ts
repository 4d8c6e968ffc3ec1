import { isJsonObject, type JsonObject, type JsonValue } from '../json/json-value.ts'
import { limits } from '../operation/limits.ts'
import type { Issue } from '../schema/issues.ts'

/** The request of an action, and what travels beside it. */
export interface ActionRequest {
  /** Chosen by the back end; without one the device makes one. */
  readonly operationId?: string
  /** The operation must not begin after this time. ISO 8601, UTC. */
  readonly expiresAt?: string
  /** The action's own request, an object, not yet held against its schema. */
  readonly request: JsonValue
}

/** A request that could not be read. */
export interface InvalidActionRequest {
  readonly issues: readonly Issue[]
}

const operationIdPattern = new RegExp(`^[A-Za-z0-9._:-]{1,${limits.operationIdLength}}$`)

/** Tells whether a value can be an operation id: 1 to 64 letters, digits, `.`, `_`, `:`, `-`. */
export function isOperationId(value: unknown): value is string {
  return typeof value === 'string' && operationIdPattern.test(value)
}

/**
 * Writes the payload of the direct method that begins an action: the request's own members, with the reserved ones beside.
 *
 * @example
 * ```ts
 * encodeActionRequest({ operationId: 'op-1', request: { delaySeconds: 5 } }) // { delaySeconds: 5, operationId: 'op-1' }
 * ```
 */
export function encodeActionRequest(request: {
  readonly operationId: string
  readonly expiresAt?: string | undefined
  readonly request: JsonObject | undefined
}): JsonObject {
  const { operationId, expiresAt } = request
  return { ...request.request, operationId, ...(expiresAt === undefined ? {} : { expiresAt }) }
}

/**
 * Reads the payload of the direct method that begins an action. A payload that is not an object is a bare request, which a
 * pattern may understand: Microsoft's samples and tools send null, numbers and strings.
 *
 * @param payload as it came in
 * @param fromBarePayload makes an object of a payload that is none; by default null becomes `{}`
 * @returns the issues when a reserved member is malformed, or there is no object
 */
export function decodeActionRequest(
  payload: JsonValue,
  fromBarePayload: (payload: JsonValue) => JsonValue = nullIsEmpty,
): ActionRequest | InvalidActionRequest {
  const members = isJsonObject(payload) ? payload : fromBarePayload(payload)
  // Said here because not every schema library does: for some, an array is an object too.
  if (!isJsonObject(members)) return { issues: [{ path: [], message: 'must be an object' }] }
  const { operationId, expiresAt, ...request } = members
  const issues: Issue[] = []
  if (operationId !== undefined && operationId !== null && !isOperationId(operationId)) {
    issues.push({
      path: ['operationId'],
      message: 'must be 1 to 64 letters, digits, dots, colons, hyphens, underscores',
    })
  }
  const expiry = expiryTime(expiresAt)
  if (expiry === null) {
    issues.push({ path: ['expiresAt'], message: 'must be a time in ISO 8601, such as 2027-01-31T12:00:00Z' })
  }
  if (issues.length > 0) return { issues }
  return {
    request,
    ...(isOperationId(operationId) ? { operationId } : {}),
    ...(expiry === undefined || expiry === null ? {} : { expiresAt: expiry }),
  }
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/** undefined: there is none; null: it is not a time. */
function expiryTime(value: JsonValue | undefined): string | undefined | null {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || !isoTime.test(value)) return null
  const time = Date.parse(value)
  return Number.isNaN(time) ? null : new Date(time).toISOString()
}

function nullIsEmpty(payload: JsonValue): JsonValue {
  return payload === null ? {} : payload
}
