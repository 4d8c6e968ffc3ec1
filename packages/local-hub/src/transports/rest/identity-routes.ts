import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { parseIfMatch } from '../../hub-core/precondition/if-match.ts'
import { requirePermission } from './authorization.ts'
import { etagHeader } from './etag-header.ts'
import type { RestServer } from './rest-server.ts'

interface DeviceRoute {
  Params: { deviceId: string }
  Body: JsonValue | undefined
}

interface ListRoute {
  Querystring: { top?: string }
}

/** `/devices`: identities (wire reference 2.7). */
export function addIdentityRoutes(server: RestServer, core: HubCore): void {
  const read = { onRequest: requirePermission(core, 'RegistryRead') }
  const write = { onRequest: requirePermission(core, 'RegistryWrite') }

  server.get<ListRoute>('/devices', read, async ({ query }) => core.identities.list(parseTop(query.top)))

  server.get<DeviceRoute>('/devices/:deviceId', read, async ({ params }, reply) => {
    const device = core.identities.get(params.deviceId)
    return reply.headers(etagHeader(device)).send(device)
  })

  server.put<DeviceRoute>('/devices/:deviceId', write, async ({ params, body, headers }, reply) => {
    const device = core.identities.put(params.deviceId, body, parseIfMatch(headers['if-match']))
    return reply.headers(etagHeader(device)).send(device)
  })

  server.delete<DeviceRoute>('/devices/:deviceId', write, async ({ params, headers }, reply) => {
    core.identities.delete(params.deviceId, parseIfMatch(headers['if-match']))
    return reply.code(204).send()
  })
}

function parseTop(top: string | undefined): number | undefined {
  return top !== undefined && /^\d{1,9}$/.test(top) ? Number(top) : undefined
}
