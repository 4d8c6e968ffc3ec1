import type { HubCore } from '../../hub-core/hub-core.ts'
import { requirePermission } from './authorization.ts'
import type { RestServer } from './rest-server.ts'

interface DeviceRoute {
  Params: { deviceId: string }
}

interface FeedbackRoute {
  Params: { lockToken: string }
}

/**
 * What the service can do about cloud-to-device messages over HTTP: purge a queue and read feedback (wire reference 2.7). Sending
 * them is not in the REST API of IoT Hub.
 */
export function addCloudToDeviceRoutes(server: RestServer, core: HubCore): void {
  const connect = { onRequest: requirePermission(core, 'ServiceConnect') }

  server.delete<DeviceRoute>('/devices/:deviceId/commands', connect, async ({ params: { deviceId } }) => ({
    totalMessagesPurged: core.cloudToDevice.purge(deviceId),
    deviceId,
    moduleId: null,
  }))

  for (const path of ['/messages/serviceBound/feedback', '/messages/servicebound/feedback']) {
    server.get(path, connect, async (_request, reply) => {
      const batch = core.cloudToDevice.receiveFeedback()
      if (batch === undefined) return reply.code(204).send()
      return reply.header('ETag', `"${batch.lockToken}"`).send(batch.records)
    })

    server.delete<FeedbackRoute>(`${path}/:lockToken`, connect, async ({ params }, reply) => {
      core.cloudToDevice.completeFeedback(params.lockToken)
      return reply.code(204).send()
    })

    server.post<FeedbackRoute>(`${path}/:lockToken/abandon`, connect, async ({ params }, reply) => {
      core.cloudToDevice.abandonFeedback(params.lockToken)
      return reply.code(204).send()
    })
  }
}
