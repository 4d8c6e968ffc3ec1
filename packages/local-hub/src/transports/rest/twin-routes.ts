import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { parseIfMatch } from '../../hub-core/precondition/if-match.ts'
import { requirePermission } from './authorization.ts'
import { etagHeader } from './etag-header.ts'
import { type IdentityParams, identityKeyOf } from './identity-params.ts'
import type { RestServer } from './rest-server.ts'

interface TwinRoute {
  Params: IdentityParams
  Body: JsonValue | undefined
}

/** `/twins/{id}` and `/twins/{id}/modules/{mid}`: the twins of devices and modules (wire reference 2.7). */
export function addTwinRoutes(server: RestServer, core: HubCore): void {
  const connect = { onRequest: requirePermission(core, 'ServiceConnect') }

  for (const path of ['/twins/:deviceId', '/twins/:deviceId/modules/:moduleId']) {
    server.get<TwinRoute>(path, connect, async ({ params }, reply) => {
      const twin = core.twins.get(identityKeyOf(params))
      return reply.headers(etagHeader(twin)).send(twin)
    })

    server.patch<TwinRoute>(path, connect, async ({ params, body, headers }, reply) => {
      const twin = core.twins.patch(identityKeyOf(params), body, parseIfMatch(headers['if-match']))
      return reply.headers(etagHeader(twin)).send(twin)
    })

    server.put<TwinRoute>(path, connect, async ({ params, body, headers }, reply) => {
      const twin = core.twins.replace(identityKeyOf(params), body, parseIfMatch(headers['if-match']))
      return reply.headers(etagHeader(twin)).send(twin)
    })
  }
}
