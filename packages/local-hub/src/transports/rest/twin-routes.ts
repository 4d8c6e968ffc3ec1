import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { parseIfMatch } from '../../hub-core/precondition/if-match.ts'
import { requirePermission } from './authorization.ts'
import { etagHeader } from './etag-header.ts'
import type { RestServer } from './rest-server.ts'

interface TwinRoute {
  Params: { deviceId: string }
  Body: JsonValue | undefined
}

/** `/twins/{id}`: device twins (wire reference 2.7). */
export function addTwinRoutes(server: RestServer, core: HubCore): void {
  const connect = { onRequest: requirePermission(core, 'ServiceConnect') }

  server.get<TwinRoute>('/twins/:deviceId', connect, async ({ params }, reply) => {
    const twin = core.twins.get(params.deviceId)
    return reply.headers(etagHeader(twin)).send(twin)
  })

  server.patch<TwinRoute>('/twins/:deviceId', connect, async ({ params, body, headers }, reply) => {
    const twin = core.twins.patch(params.deviceId, body, parseIfMatch(headers['if-match']))
    return reply.headers(etagHeader(twin)).send(twin)
  })

  server.put<TwinRoute>('/twins/:deviceId', connect, async ({ params, body, headers }, reply) => {
    const twin = core.twins.replace(params.deviceId, body, parseIfMatch(headers['if-match']))
    return reply.headers(etagHeader(twin)).send(twin)
  })
}
