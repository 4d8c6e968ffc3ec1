import type { HubCore } from '../../hub-core/hub-core.ts'
import { formatJson } from '../../hub-core/json/format-json.ts'
import type { JsonObject, JsonValue } from '../../hub-core/json/json.ts'
import { parseIfMatch } from '../../hub-core/precondition/if-match.ts'
import { requirePermission } from './authorization.ts'
import { identityKeyOf } from './identity-params.ts'
import type { RestServer } from './rest-server.ts'

interface TwinRoute {
  Params: { deviceId: string }
  Body: JsonValue | undefined
}

interface CommandRoute {
  Params: { deviceId: string; component?: string; command: string }
  Querystring: { connectTimeoutInSeconds?: string; responseTimeoutInSeconds?: string }
  Body: JsonValue | undefined
}

/** `/digitaltwins/{id}`: Plug and Play twins and commands (wire reference 2.7, 4.3). */
export function addDigitalTwinRoutes(server: RestServer, core: HubCore): void {
  const connect = { onRequest: requirePermission(core, 'ServiceConnect') }
  const path = '/digitaltwins/:deviceId'

  server.get<TwinRoute>(path, connect, async ({ params }, reply) => {
    const { document, etag } = core.digitalTwins.get(params.deviceId)
    return reply.header('ETag', `"${etag}"`).send(document)
  })

  server.patch<TwinRoute>(path, connect, async ({ params, body, headers, host }, reply) => {
    const etag = core.digitalTwins.patch(params.deviceId, body, parseIfMatch(headers['if-match']))
    const location = `https://${host}/digitaltwins/${encodeURIComponent(params.deviceId)}`
    return reply
      .code(202)
      .headers({ ETag: `"${etag}"`, Location: location })
      .send()
  })

  for (const route of [`${path}/commands/:command`, `${path}/components/:component/commands/:command`]) {
    server.post<CommandRoute>(route, connect, async ({ params, query, body }, reply) => {
      const { component, command } = params
      const methodName = component === undefined ? command : `${component}*${command}`
      const request: JsonObject = { methodName, payload: body ?? null, ...timeouts(query) }
      const { status, payload } = await core.methods.invoke(identityKeyOf(params), request)
      return reply
        .header('x-ms-command-statuscode', String(status))
        .type('application/json; charset=utf-8')
        .send(formatJson(payload))
    })
  }
}

function timeouts(query: CommandRoute['Querystring']): JsonObject {
  const { connectTimeoutInSeconds: connect, responseTimeoutInSeconds: response } = query
  return {
    ...(connect === undefined ? {} : { connectTimeoutInSeconds: connect }),
    ...(response === undefined ? {} : { responseTimeoutInSeconds: response }),
  }
}
