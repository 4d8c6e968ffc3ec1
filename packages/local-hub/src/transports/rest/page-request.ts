import type { IncomingHttpHeaders } from 'node:http'
import { HubError } from '../../hub-core/error/hub-error.ts'
import type { PageRequest } from '../../hub-core/query/run-query.ts'

const defaultItemCount = 100
const maxItemCount = 1000

/**
 * Which page of a result the headers of a request ask for. A page is never larger than the hub allows, whatever is asked for (wire
 * reference 12 no. 24).
 *
 * @throws HubError 400 when the number of items is not one.
 */
export function pageRequestOf(headers: IncomingHttpHeaders): PageRequest {
  return {
    maxItemCount: parseItemCount(headerText(headers['x-ms-max-item-count'])),
    continuation: headerText(headers['x-ms-continuation']),
  }
}

function parseItemCount(header: string | undefined): number {
  if (header === undefined) return defaultItemCount
  const count = /^\d{1,9}$/.test(header) ? Number(header) : 0
  if (count === 0) throw new HubError('ArgumentInvalid', 'x-ms-max-item-count must be a whole number above 0.')
  return Math.min(count, maxItemCount)
}

/** An empty header says nothing. */
function headerText(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' && header !== '' ? header : undefined
}
