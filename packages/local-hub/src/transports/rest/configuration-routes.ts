import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { parseQuotedIfMatch } from '../../hub-core/precondition/if-match.ts'
import { requirePermission } from './authorization.ts'
import { etagHeader } from './etag-header.ts'
import type { RestServer } from './rest-server.ts'

interface ConfigurationRoute {
  Params: { id: string }
  Body: JsonValue | undefined
}

interface TestRoute {
  Body: JsonValue | undefined
}

interface ApplyRoute {
  Params: { deviceId: string }
  Body: JsonValue | undefined
}

/** `/configurations`: automatic device management and edge deployments (wire reference 2.7, 6). */
export function addConfigurationRoutes(server: RestServer, core: HubCore): void {
  const connect = { onRequest: requirePermission(core, 'ServiceConnect') }

  server.get('/configurations', connect, async () => core.configurations.list())

  server.get<ConfigurationRoute>('/configurations/:id', connect, async ({ params }, reply) => {
    const configuration = core.configurations.get(params.id)
    return reply.headers(etagHeader(configuration)).send(configuration)
  })

  server.put<ConfigurationRoute>('/configurations/:id', connect, async ({ params, body, headers }, reply) => {
    const configuration = core.configurations.put(params.id, body, parseQuotedIfMatch(headers['if-match']))
    return reply.headers(etagHeader(configuration)).send(configuration)
  })

  server.delete<ConfigurationRoute>('/configurations/:id', connect, async ({ params, headers }, reply) => {
    core.configurations.delete(params.id, parseQuotedIfMatch(headers['if-match']))
    return reply.code(204).send()
  })

  server.post<TestRoute>('/configurations/testQueries', connect, async ({ body }) => core.configurations.test(body))

  server.post<ApplyRoute>('/devices/:deviceId/applyConfigurationContent', connect, async ({ params, body }, reply) => {
    core.configurations.applyContent(params.deviceId, body)
    return reply.code(204).send()
  })
}
