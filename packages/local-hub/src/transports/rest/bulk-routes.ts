import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { requirePermission } from './authorization.ts'
import type { RestServer } from './rest-server.ts'

interface BulkRoute {
  Body: JsonValue | undefined
}

/** `POST /devices` and `POST /devices/keys/regenerate`: many identities at once (wire reference 2.7, 8.4). */
export function addBulkRoutes(server: RestServer, core: HubCore): void {
  const write = { onRequest: requirePermission(core, 'RegistryWrite') }

  server.post<BulkRoute>('/devices', write, async ({ body }, reply) => {
    const result = core.bulk.apply(body)
    if (result.isSuccessful) return result
    return reply.code(400).header('iothub-errorcode', 'BulkRegistryOperationFailure').send(result)
  })

  server.post<BulkRoute>('/devices/keys/regenerate', write, async ({ body }, reply) => {
    const result = core.keyRotation.regenerate(body)
    if (result.errors.length === 0) return result
    const allFailed = result.rotatedKeys.length === 0
    return reply
      .code(allFailed ? 400 : 207)
      .headers(allFailed ? { 'iothub-errorcode': 'BulkRegistryOperationFailure' } : {})
      .send(result)
  })
}
