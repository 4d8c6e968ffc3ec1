import { encodeDesiredOperation } from '@iothub-dm/protocol'
import type { HubCallOptions, TwinCalls } from '../hub/iot-hub.ts'
import type { KnownOperation } from '../operation/known-operation.ts'
import { requestedOperation } from '../operation/requested-operation.ts'
import { updateTwin } from '../twin/update-twin.ts'
import type { CheckedBegin } from './begin-exchange.ts'

/**
 * Asks a device for an operation by its desired properties, which it reads when it connects.
 *
 * @param time now, ISO 8601, UTC
 * @throws TypeError when the hub would not store the request
 * @throws HubError when the twin cannot be read or written
 */
export async function requestInTwin(
  hub: Pick<TwinCalls, 'getTwin' | 'patchTwin'>,
  deviceId: string,
  actionName: string,
  begin: CheckedBegin,
  time: string,
  options: HubCallOptions,
): Promise<KnownOperation> {
  await updateTwin(
    hub,
    deviceId,
    twin => {
      const desired = encodeDesiredOperation(actionName, begin, twin.desired)
      return desired === undefined ? undefined : { desired }
    },
    options,
  )
  return requestedOperation(begin.operationId, time)
}
