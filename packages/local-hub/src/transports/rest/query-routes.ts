import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { requirePermission } from './authorization.ts'
import type { RestServer } from './rest-server.ts'

interface QueryRoute {
  Body: JsonValue | undefined
  Headers: { 'x-ms-continuation'?: string; 'x-ms-max-item-count'?: string }
}

const defaultItemCount = 100
const maxItemCount = 1000

/** `/devices/query`: queries (wire reference 5.5). */
export function addQueryRoutes(server: RestServer, core: HubCore): void {
  const connect = { onRequest: requirePermission(core, 'ServiceConnect') }

  server.post<QueryRoute>('/devices/query', connect, async ({ body, headers }, reply) => {
    const { items, itemType, continuation } = core.queries.run(body, {
      maxItemCount: parseItemCount(headers['x-ms-max-item-count']),
      continuation: headers['x-ms-continuation'] || undefined,
    })
    reply.header('x-ms-item-type', itemType)
    if (continuation !== undefined) reply.header('x-ms-continuation', continuation)
    return reply.send(items)
  })
}

/** A page is never larger than the hub allows, whatever is asked for (wire reference 12 no. 24). */
function parseItemCount(header: string | undefined): number {
  if (header === undefined || header === '') return defaultItemCount
  const count = /^\d{1,9}$/.test(header) ? Number(header) : 0
  if (count === 0) throw new HubError('ArgumentInvalid', 'x-ms-max-item-count must be a whole number above 0.')
  return Math.min(count, maxItemCount)
}
