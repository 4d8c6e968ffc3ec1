import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { requirePermission } from './authorization.ts'
import type { RestServer } from './rest-server.ts'

interface JobRoute {
  Params: { jobId: string }
}

/** `/jobs`: import and export of identities, which this hub refuses, because it reaches no blob container (wire reference 7.6). */
export function addImportExportRoutes(server: RestServer, core: HubCore): void {
  const write = { onRequest: requirePermission(core, 'RegistryWrite') }

  server.post('/jobs/create', write, async () => {
    throw new HubError(
      'BlobContainerValidationError',
      'The local hub does not import or export devices, because it has no access to blob containers.',
    )
  })

  server.get('/jobs', write, async () => [])

  server.get<JobRoute>('/jobs/:jobId', write, async ({ params }) => {
    throw new HubError('JobNotFound', params.jobId)
  })

  server.delete<JobRoute>('/jobs/:jobId', write, async ({ params }) => {
    throw new HubError('JobNotFound', params.jobId)
  })
}
