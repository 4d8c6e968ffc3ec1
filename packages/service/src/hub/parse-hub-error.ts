import { isJsonObject, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import { hubErrorNumbers } from './hub-error-numbers.ts'

/** An answer of the hub that is not a success, reduced to what may be shown. */
export interface HubErrorAnswer {
  readonly httpStatus: number
  /** Value of the `iothub-errorcode` header. */
  readonly errorCodeHeader?: string | undefined
  /** Value of the `retry-after` header. */
  readonly retryAfterHeader?: string | undefined
  readonly body: string
}

/** What an error answer says. */
export interface HubErrorReport {
  readonly hubCode: number | undefined
  /** The hub's text; empty when it gave none. */
  readonly text: string
  readonly trackingId: string | undefined
  readonly retryAfterInMs: number | undefined
}

const longestText = 500

/**
 * Reads an error answer of the hub in any of its shapes (wire reference 2.6):
 * the `iothub-errorcode` header; `{"Message": "ErrorCode:DeviceNotFound;..."}`; a flat
 * `{"errorCode": 409301, "message": ...}`; and the flat one as a string inside `Message`.
 * A body that is none of these, such as the page of a proxy, is passed over.
 *
 * @param answer status, headers and body of the answer
 */
export function parseHubError(answer: HubErrorAnswer): HubErrorReport {
  const body = parseJsonObject(answer.body) ?? {}
  const message = textOf(body.Message) ?? textOf(body.message) ?? ''
  const flat = parseJsonObject(message) ?? body
  const labelled = /^ErrorCode:([^;]*);?(.*)$/s.exec(message)
  const text = labelled?.[2] ?? textOf(flat.message) ?? message

  return {
    hubCode: numberOf(answer.errorCodeHeader) ?? numberOf(flat.errorCode) ?? numberOf(labelled?.[1]),
    text: hideSecrets(text).slice(0, longestText),
    trackingId: trackingIdOf(textOf(flat.trackingId) ?? textOf(body.ExceptionMessage) ?? ''),
    retryAfterInMs: retryAfter(answer.retryAfterHeader, text),
  }
}

function parseJsonObject(text: string): JsonObject | undefined {
  try {
    const value: JsonValue = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The hub writes its code as a number, as digits or as a name. */
function numberOf(code: JsonValue | undefined): number | undefined {
  if (typeof code === 'number') return code
  if (typeof code !== 'string') return undefined
  return /^\d{6}$/.test(code) ? Number(code) : hubErrorNumbers.get(code)
}

/** `Tracking ID:28F7A-G2:-TimeStamp:2026-...` and `28F7A-G2:-TimeStamp:2026-...` both name `28F7A-G2:`. */
function trackingIdOf(text: string): string | undefined {
  return /^(?:Tracking ID:)?(.+?)(?:-TimeStamp:|$)/.exec(text)?.[1]
}

/** IoT Hub sends no `Retry-After` with 429 but says "Wait 10 seconds" in the text (wire reference 2.4 and 2.6). */
function retryAfter(header: string | undefined, text: string): number | undefined {
  const seconds = /^\d{1,6}$/.exec(header ?? '')?.[0] ?? /\bwait (\d{1,6}) seconds\b/i.exec(text)?.[1]
  return seconds === undefined ? undefined : Number(seconds) * 1000
}

/** A gateway between us and the hub may echo the request. */
function hideSecrets(text: string): string {
  return text
    .replace(/\b(?:SharedAccessSignature|Bearer)\s\S+/gi, '[hidden]')
    .replace(/\bsig=[^&\s"']+/gi, 'sig=[hidden]')
}
