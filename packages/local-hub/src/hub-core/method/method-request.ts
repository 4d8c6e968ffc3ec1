import { HubError } from '../error/hub-error.ts'
import { formatJson } from '../json/format-json.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import { numberOf } from '../json/written-number.ts'

/** A direct method as a caller asked for it. */
export interface MethodRequest {
  readonly methodName: string
  readonly payload: JsonValue
  /** The JSON text of the payload. */
  readonly payloadText: string
  /** Counted from the request, the wait for the device included. */
  readonly responseTimeoutInMs: number
  /** How long to wait for a device that is not there; 0 means not at all. */
  readonly connectTimeoutInMs: number
}

const maxNameLength = 100
const maxPayloadInBytes = 128 * 1024

/**
 * Reads the body of a method invocation (wire reference 4.1). Time-outs may be numeric strings: az sends them so.
 *
 * @throws HubError 400 for a missing or malformed member, 413 for a payload over 128 KB.
 */
export function parseMethodRequest(body: JsonValue | undefined): MethodRequest {
  if (!isJsonObject(body)) throw invalid('The body must be a JSON object.')
  const payload = memberOf(body, 'payload') ?? null
  const payloadText = formatJson(payload)
  if (Buffer.byteLength(payloadText) > maxPayloadInBytes) {
    throw new HubError('MessageTooLarge', `The payload must not be larger than ${maxPayloadInBytes} bytes.`, {
      form: 'nested',
    })
  }
  const responseTimeout = parseSeconds(body, 'responseTimeoutInSeconds', 5, 300, 30)
  const connectTimeout = parseSeconds(body, 'connectTimeoutInSeconds', 0, 300, 0)
  if (connectTimeout > responseTimeout) {
    throw invalid(
      `Device connection timeout ${connectTimeout} s cannot be longer than an overall call timeout ${responseTimeout} s.`,
    )
  }
  return {
    methodName: parseName(body),
    payload,
    payloadText,
    responseTimeoutInMs: responseTimeout * 1000,
    connectTimeoutInMs: connectTimeout * 1000,
  }
}

function parseName(body: JsonObject): string {
  const name = memberOf(body, 'methodName')
  if (typeof name !== 'string' || name === '' || name.length > maxNameLength || /\p{Surrogate}/u.test(name)) {
    throw invalid(`methodName must be a string of 1 to ${maxNameLength} characters.`)
  }
  return name
}

function parseSeconds(body: JsonObject, member: string, min: number, max: number, fallback: number): number {
  const value = memberOf(body, member) ?? fallback
  const seconds = typeof value === 'string' && /^\d{1,6}$/.test(value) ? Number(value) : numberOf(value)
  if (seconds === undefined || !Number.isInteger(seconds) || seconds < min || seconds > max) {
    throw invalid(`${member} must be within [${min}; ${max}].`)
  }
  return seconds
}

function invalid(message: string): HubError {
  return new HubError('ArgumentInvalid', message, { form: 'nested' })
}
