import type { FastifyRequest } from 'fastify'
import { HubError } from '../../hub-core/error/hub-error.ts'
import type { HubCore } from '../../hub-core/hub-core.ts'
import { peerCertificateOf } from '../peer-certificate.ts'

/** A route below a device, which the device itself calls. */
export interface DeviceRoute {
  Params: { deviceId: string }
}

/** A hook that lets a request of a device pass only with a token for that device, or with its certificate (wire reference 1.19). */
export function requireDevice(core: HubCore): (request: FastifyRequest<DeviceRoute>) => Promise<void> {
  return async ({ headers, params, raw }) => {
    const credential = headers.authorization ?? peerCertificateOf(raw.socket)
    const decision = core.access.decideClient({ deviceId: params.deviceId }, credential)
    if (decision.granted) return
    core.events.emit({ type: 'accessRefused', client: params.deviceId, reason: decision.reason })
    throw new HubError('IotHubUnauthorizedAccess', 'Unauthorized')
  }
}
