import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { deviceKey } from '../../hub-core/identity/identity-key.ts'
import { type DeviceRoute, requireDevice } from './device-authorization.ts'
import { deviceBoundHeaders } from './device-bound-headers.ts'
import { eventPropertiesOf } from './event-properties.ts'
import type { RestServer } from './rest-server.ts'

interface EventRoute extends DeviceRoute {
  Body: Buffer | undefined
}

interface LockRoute {
  Params: { deviceId: string; lockToken: string }
  Querystring: { reject?: string }
}

/** Largest message a device may send, properties included (wire reference 11). */
const maxMessageInBytes = 256 * 1024

/** `/devices/{id}/messages` and `/devices/{id}/files`: what a device can do over HTTP (wire reference 1.19). */
export function addDeviceEndpointRoutes(server: RestServer, core: HubCore): void {
  const device = { onRequest: requireDevice(core) }

  // Bodies of devices are bytes: a scope of its own keeps them from being read as JSON.
  server.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

    const events = { ...device, bodyLimit: maxMessageInBytes }
    scope.post<EventRoute>('/devices/:deviceId/messages/events', events, async ({ params, body, raw }, reply) => {
      const payload = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
      core.telemetry.receive(deviceKey(params.deviceId), { payload, ...eventPropertiesOf(raw.rawHeaders) })
      return reply.code(204).send()
    })

    // The official Node.js client puts the correlation id into the path, others into the body.
    for (const path of ['', '/notifications', '/notifications/:correlationId'].map(
      end => `/devices/:deviceId/files${end}`,
    )) {
      scope.post<DeviceRoute>(path, device, async () => {
        throw new HubError(
          'DefaultStorageEndpointNotConfigured',
          'The local hub does not take files, because it has no storage account.',
        )
      })
    }
  })

  // Clients spell it both ways.
  for (const path of ['/devices/:deviceId/messages/deviceBound', '/devices/:deviceId/messages/devicebound']) {
    server.get<DeviceRoute>(path, device, async ({ params, headers }, reply) => {
      const timeoutInMs = parseLockTimeout(headers['iothub-messagelocktimeout']) * 1000
      const message = core.cloudToDevice.receive(params.deviceId, timeoutInMs)
      if (message === undefined) return reply.code(204).send()
      return reply.headers(deviceBoundHeaders(message)).send(Buffer.from(message.payload))
    })

    server.delete<LockRoute>(`${path}/:lockToken`, device, async ({ params, query }, reply) => {
      // az sends `reject=` without a value: its presence counts.
      if (query.reject === undefined) core.cloudToDevice.complete(params.deviceId, params.lockToken)
      else core.cloudToDevice.reject(params.deviceId, params.lockToken)
      return reply.code(204).send()
    })

    server.post<LockRoute>(`${path}/:lockToken/abandon`, device, async ({ params }, reply) => {
      core.cloudToDevice.abandon(params.deviceId, params.lockToken)
      return reply.code(204).send()
    })
  }
}

function parseLockTimeout(header: string | string[] | undefined): number {
  const seconds = header === undefined ? 60 : Number(header)
  if (!Number.isInteger(seconds) || seconds < 5 || seconds > 300) {
    throw new HubError('ArgumentInvalid', 'IotHub-MessageLockTimeout must be a number of seconds within [5; 300].')
  }
  return seconds
}
