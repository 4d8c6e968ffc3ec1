import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { parseIfMatch } from '../../hub-core/precondition/if-match.ts'
import { requirePermission } from './authorization.ts'
import { etagHeader } from './etag-header.ts'
import type { RestServer } from './rest-server.ts'

interface DeviceRoute {
  Params: { deviceId: string }
}

interface ModuleRoute {
  Params: { deviceId: string; moduleId: string }
  Body: JsonValue | undefined
}

/** `/devices/{id}/modules`: module identities (wire reference 2.7, 8.5). */
export function addModuleRoutes(server: RestServer, core: HubCore): void {
  const read = { onRequest: requirePermission(core, 'RegistryRead') }
  const write = { onRequest: requirePermission(core, 'RegistryWrite') }
  const path = '/devices/:deviceId/modules/:moduleId'

  server.get<DeviceRoute>('/devices/:deviceId/modules', read, async ({ params }) =>
    core.modules.listOf(params.deviceId),
  )

  server.get<ModuleRoute>(path, read, async ({ params }, reply) => {
    const module = core.modules.get(params.deviceId, params.moduleId)
    return reply.headers(etagHeader(module)).send(module)
  })

  server.put<ModuleRoute>(path, write, async ({ params, body, headers }, reply) => {
    const module = core.modules.put(params.deviceId, params.moduleId, body, parseIfMatch(headers['if-match']))
    return reply.headers(etagHeader(module)).send(module)
  })

  server.delete<ModuleRoute>(path, write, async ({ params, headers }, reply) => {
    core.modules.delete(params.deviceId, params.moduleId, parseIfMatch(headers['if-match']))
    return reply.code(204).send()
  })
}
