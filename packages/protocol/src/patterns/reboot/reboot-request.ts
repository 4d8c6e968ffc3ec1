import * as v from 'valibot'
import type { JsonValue } from '../../json/json-value.ts'
import { isJsonObject } from '../../json/json-value.ts'
import type { Schema } from '../../schema/standard-schema.ts'

/** What a back end asks when it asks for a reboot. */
export interface RebootRequest {
  /** Seconds to wait before the restart, 0 to 86,400. Default: 0. */
  readonly delaySeconds?: number | undefined
  /** Why, for people; at most 128 characters. */
  readonly reason?: string | undefined
}

/** Members that are not known are passed over: the documented requests carry all sorts of them. */
export const rebootRequest: Schema<RebootRequest, RebootRequest> = v.object({
  delaySeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(86_400))),
  reason: v.optional(v.pipe(v.string(), v.maxLength(128))),
})

/**
 * A bare payload as a request. The Plug and Play command `reboot` sends the delay in seconds as an integer, the Node and Java
 * tutorials send null, the Python tutorial a string that holds JSON, the Java how-to a free text.
 */
export function rebootFromBarePayload(payload: JsonValue): JsonValue {
  if (typeof payload === 'number') return { delaySeconds: payload }
  if (typeof payload !== 'string') return payload ?? {}
  try {
    const parsed: unknown = JSON.parse(payload)
    return isJsonObject(parsed) ? parsed : typeof parsed === 'number' ? { delaySeconds: parsed } : {}
  } catch {
    return {}
  }
}

/** How long to wait before the restart, in seconds. */
export function rebootDelay(request: unknown): number {
  return isJsonObject(request) && typeof request.delaySeconds === 'number' ? request.delaySeconds : 0
}
