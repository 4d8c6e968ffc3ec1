import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { requirePermission } from './authorization.ts'
import type { RestServer } from './rest-server.ts'

interface MethodRoute {
  Params: { deviceId: string }
  Body: JsonValue | undefined
}

/** `/twins/{id}/methods`: direct methods (wire reference 4). */
export function addMethodRoutes(server: RestServer, core: HubCore): void {
  const connect = { onRequest: requirePermission(core, 'ServiceConnect') }

  server.post<MethodRoute>('/twins/:deviceId/methods', connect, async ({ params, body }) =>
    core.methods.invoke(params.deviceId, body),
  )
}
