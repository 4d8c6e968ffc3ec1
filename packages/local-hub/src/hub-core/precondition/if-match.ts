import { HubError } from '../error/hub-error.ts'

/** What a writer demands of the current state: nothing, that it exists, or that it has this etag. */
export type Precondition =
  | { readonly kind: 'none' }
  | { readonly kind: 'any' }
  | { readonly kind: 'etag'; readonly etag: string }

/**
 * Reads an If-Match header. Clients send a star or an etag, each quoted or bare; all four are accepted
 * (wire reference 2.5).
 */
export function parseIfMatch(header: string | undefined): Precondition {
  if (header === undefined) return { kind: 'none' }
  const trimmed = header.trim()
  const value = /^".*"$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed
  return value === '*' ? { kind: 'any' } : { kind: 'etag', etag: value }
}

/**
 * Reads an If-Match header as configurations do: an etag counts only in quotes, without them it is as if it were not there (wire
 * reference 2.5).
 */
export function parseQuotedIfMatch(header: string | undefined): Precondition {
  const precondition = parseIfMatch(header)
  return precondition.kind === 'etag' && !header?.trim().startsWith('"') ? { kind: 'none' } : precondition
}

/**
 * Holds a precondition against the current etag.
 *
 * @throws HubError `PreconditionFailed` (412) when the etag is another one.
 */
export function assertPrecondition(precondition: Precondition, currentEtag: string): void {
  if (precondition.kind === 'etag' && precondition.etag !== currentEtag) {
    throw new HubError('PreconditionFailed', 'Precondition failed: the ETag is not the current one.')
  }
}
