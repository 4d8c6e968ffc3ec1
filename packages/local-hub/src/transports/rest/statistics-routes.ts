import type { HubCore } from '../../hub-core/hub-core.ts'
import { requirePermission } from './authorization.ts'
import type { RestServer } from './rest-server.ts'

/** `/statistics`: how many devices there are, and how many are connected. */
export function addStatisticsRoutes(server: RestServer, core: HubCore): void {
  const read = { onRequest: requirePermission(core, 'RegistryRead') }

  server.get('/statistics/devices', read, async () => core.identities.statistics())

  server.get('/statistics/service', read, async () => ({ connectedDeviceCount: core.sessions.connectedCount() }))
}
