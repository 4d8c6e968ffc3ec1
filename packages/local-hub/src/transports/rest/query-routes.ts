import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { requirePermission } from './authorization.ts'
import { pageRequestOf } from './page-request.ts'
import type { RestServer } from './rest-server.ts'

interface QueryRoute {
  Body: JsonValue | undefined
}

/** `/devices/query`: queries (wire reference 5.5). */
export function addQueryRoutes(server: RestServer, core: HubCore): void {
  const connect = { onRequest: requirePermission(core, 'ServiceConnect') }

  server.post<QueryRoute>('/devices/query', connect, async ({ body, headers }, reply) => {
    const { items, itemType, continuation } = core.queries.run(body, pageRequestOf(headers))
    reply.header('x-ms-item-type', itemType)
    if (continuation !== undefined) reply.header('x-ms-continuation', continuation)
    return reply.send(items)
  })
}
