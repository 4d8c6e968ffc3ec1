import type { JsonValue } from '@iothub-dm/protocol'
import type { MethodAnswer } from '../connection/hub-connection.ts'

/** Most bytes of a direct method's response (IoT Hub direct methods guide: 128 KB). */
export const maxMethodResponseInBytes: number = 128 * 1024

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
  if (Buffer.byteLength(body) > maxMethodResponseInBytes) {
    return failure('ResponseTooLarge', `the response exceeds ${maxMethodResponseInBytes} bytes`)
  }
  return { status, body }
}

/** The answer for a handler that threw: nothing of what it threw goes to the caller. */
export function failedMethodAnswer(): EncodedMethodAnswer {
  return failure('HandlerFailed', 'the handler of the method failed')
}

function failure(code: string, message: string): EncodedMethodAnswer {
  return { status: 500, body: JSON.stringify({ error: { code, message } }) }
}

function stringify(payload: JsonValue | undefined): string | undefined {
  try {
    return JSON.stringify(payload ?? null)
  } catch {
    return undefined
  }
}
