import type { JsonValue } from '@iothub-dm/protocol'

/** No contract needs more: a twin holds ten levels. Deeper ones are made to exhaust the stack of whoever walks through them. */
const maxDepth = 64

/** What came of the body of a direct method. */
export type ParsedPayload =
  | { readonly valid: true; readonly value: JsonValue }
  | { readonly valid: false; readonly reason: string }

/**
 * Reads the body of a direct method. An empty one stands for null, as some callers send none.
 *
 * @param body UTF-8 JSON, by contract
 */
export function parsePayload(body: Uint8Array): ParsedPayload {
  if (body.length === 0) return { valid: true, value: null }
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  try {
    const value: JsonValue = JSON.parse(text)
    return depthOf(text) > maxDepth
      ? { valid: false, reason: `the payload is nested deeper than ${maxDepth} levels` }
      : { valid: true, value }
  } catch {
    return { valid: false, reason: 'the payload is not JSON' }
  }
}

/** How deep valid JSON is nested. */
function depthOf(json: string): number {
  let depth = 0
  let deepest = 0
  // Strings are passed over: brackets in them mean nothing.
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth)
    else if (token === ']' || token === '}') depth -= 1
  }
  return deepest
}
