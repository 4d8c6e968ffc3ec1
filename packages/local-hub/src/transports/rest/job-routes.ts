import type { HubCore } from '../../hub-core/hub-core.ts'
import type { JsonValue } from '../../hub-core/json/json.ts'
import { requirePermission } from './authorization.ts'
import { pageRequestOf } from './page-request.ts'
import type { RestServer } from './rest-server.ts'

interface JobRoute {
  Params: { jobId: string }
  Body: JsonValue | undefined
}

interface JobQueryRoute {
  Querystring: { jobType?: string; jobStatus?: string }
}

/** `/jobs/v2`: jobs on many devices (wire reference 2.7, 7). */
export function addJobRoutes(server: RestServer, core: HubCore): void {
  const connect = { onRequest: requirePermission(core, 'ServiceConnect') }

  server.put<JobRoute>('/jobs/v2/:jobId', connect, async ({ params, body }) => core.jobs.create(params.jobId, body))

  server.get<JobRoute>('/jobs/v2/:jobId', connect, async ({ params }) => core.jobs.get(params.jobId))

  server.post<JobRoute>('/jobs/v2/:jobId/cancel', connect, async ({ params }) => core.jobs.cancel(params.jobId))

  server.get<JobQueryRoute>('/jobs/v2/query', connect, async ({ query, headers }, reply) => {
    const filter = { type: query.jobType || undefined, status: query.jobStatus || undefined }
    const { items, continuation } = core.jobs.query(filter, pageRequestOf(headers))
    reply.header('x-ms-item-type', 'JobResponse')
    if (continuation !== undefined) reply.header('x-ms-continuation', continuation)
    return reply.send(items)
  })
}
