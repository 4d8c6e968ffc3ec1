/** What the header Content-Range of a 206 says. */
export interface ContentRange {
  readonly first: number
  /** Inclusive. */
  readonly last: number
  readonly total: number
}

/**
 * Reads a Content-Range (RFC 9110, 14.4).
 *
 * @returns undefined for one that is malformed, is in other units, or does not say how long the whole is
 */
export function parseContentRange(value: string | undefined): ContentRange | undefined {
  const [, first, last, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(value ?? '') ?? []
  if (first === undefined || last === undefined || total === undefined) return undefined
  const range = { first: Number(first), last: Number(last), total: Number(total) }
  return range.first <= range.last && range.last < range.total ? range : undefined
}
