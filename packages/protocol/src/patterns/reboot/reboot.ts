import { type ActionDefinition, action } from '../../contract/action.ts'
import type { Schema } from '../../schema/standard-schema.ts'
import { decodePublishedReboot, rebootLeaves } from './reboot-published.ts'
import { type RebootRequest, rebootDelay, rebootFromBarePayload, rebootRequest } from './reboot-request.ts'

/**
 * The reboot pattern of IoT Hub device management: direct method `reboot`, reported in `iothubDM.reboot`. An operation
 * succeeds only when the restart was proven.
 *
 * @example
 * ```ts
 * const contract = defineContract({ actions: { reboot } })
 * ```
 */
export const reboot: ActionDefinition<
  Schema<RebootRequest, RebootRequest>,
  undefined,
  never,
  never,
  'idempotent' | 'restarts'
> = action({
  request: rebootRequest,
  effects: ['idempotent', 'restarts'],
  pattern: {
    aliases: ['rebootDevice'],
    provenBy: 'restart',
    delayInSeconds: rebootDelay,
    fromBarePayload: rebootFromBarePayload,
    documentedLeaves: rebootLeaves,
    decodePublished: decodePublishedReboot,
  },
})
