import type { IncomingHttpHeaders } from 'node:http'

/** What binds a range to the content that it is a part of: a strong ETag, or a date of the last change that is one. */
export type ContentValidator = string

const entityTag = /^"[\x21\x23-\x7e]{0,200}"$/
const secondInMs = 1000

/**
 * Reads the validator for `If-Range` from the headers of an answer (RFC 9110, 13.1.5): a weak ETag is none, and a date is one
 * only when it lies a second before the date of the answer (8.8.2.2).
 *
 * @returns undefined when the server gives none: such a download begins anew when it is cut off
 */
export function contentValidator(headers: IncomingHttpHeaders): ContentValidator | undefined {
  const { etag, date } = headers
  if (etag !== undefined) return entityTag.test(etag) ? etag : undefined
  const changed = headers['last-modified']
  if (changed === undefined || date === undefined) return undefined
  const isStrong = Date.parse(date) - Date.parse(changed) >= secondInMs
  // As the server wrote it: it is compared byte by byte.
  return isStrong && /^[\x20-\x7e]{1,64}$/.test(changed) ? changed : undefined
}
