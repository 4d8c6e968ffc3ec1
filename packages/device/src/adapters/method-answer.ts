import { encodeRefusal, type JsonValue, limits, type RefusalCode } from '@iothub-dm/protocol'
import type { MethodAnswer } from '../connection/hub-connection.ts'

/** A direct method's answer, ready to be published. */
export interface EncodedMethodAnswer {
  readonly status: number
  readonly body: string
}

/**
 * Writes the answer to a direct method. What cannot go on the wire becomes a 500 that says why, so that the caller never
 * waits in vain.
 */
export function encodeMethodAnswer({ status, payload }: MethodAnswer): EncodedMethodAnswer {
  if (!Number.isSafeInteger(status)) return failure('HandlerFailed', 'the status of the response is not an integer')
  const body = stringify(payload)
  if (body === undefined) return failure('HandlerFailed', 'the response cannot be written as JSON')
  if (Buffer.byteLength(body) > limits.methodPayloadBytes) {
    return failure('ResponseTooLarge', `the response exceeds ${limits.methodPayloadBytes} bytes`)
  }
  return { status, body }
}

/** The answer for a handler that threw: nothing of what it threw goes to the caller. */
export function failedMethodAnswer(): EncodedMethodAnswer {
  return failure('HandlerFailed', 'the handler of the method failed')
}

function failure(code: RefusalCode, message: string): EncodedMethodAnswer {
  const { status, payload } = encodeRefusal({ code, message })
  return { status, body: JSON.stringify(payload) }
}

function stringify(payload: JsonValue | undefined): string | undefined {
  try {
    return JSON.stringify(payload ?? null)
  } catch {
    return undefined
  }
}
