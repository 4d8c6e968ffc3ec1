import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { requirePermission } from './authorization.ts'
import { type IdentityParams, identityKeyOf } from './identity-params.ts'
import type { RestServer } from './rest-server.ts'

interface MethodRoute {
  Params: IdentityParams
  Body: JsonValue | undefined
}

/** `/twins/{id}/methods` and `/twins/{id}/modules/{mid}/methods`: direct methods (wire reference 4). */
export function addMethodRoutes(server: RestServer, core: HubCore): void {
  const connect = { onRequest: requirePermission(core, 'ServiceConnect') }

  for (const path of ['/twins/:deviceId/methods', '/twins/:deviceId/modules/:moduleId/methods']) {
    server.post<MethodRoute>(path, connect, async ({ params, body }) =>
      core.methods.invoke(identityKeyOf(params), body),
    )
  }
}
