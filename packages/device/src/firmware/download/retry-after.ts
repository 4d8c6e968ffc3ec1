const secondInMs = 1000

/**
 * Reads the header Retry-After (RFC 9110, 10.2.3): seconds, or a date.
 *
 * @param nowInMs what the clock says; only a date needs it
 * @returns milliseconds; undefined without the header, or with one that is malformed or of the past
 */
export function parseRetryAfter(value: string | undefined, nowInMs: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * secondInMs
  const delayInMs = Date.parse(value) - nowInMs
  return delayInMs > 0 ? delayInMs : undefined
}
