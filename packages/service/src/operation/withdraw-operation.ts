import {
  decodeOperationRecord,
  encodeDesiredOperationClear,
  type OperationState,
  operationSection,
  operationState,
} from '@iothub-dm/protocol'
import { isRefusedError } from '../errors/refused-error.ts'
import { isHubError } from '../hub/hub-error.ts'
import type { MethodCalls, TwinCalls } from '../hub/iot-hub.ts'
import type { CallOptions } from '../method/call-method.ts'
import { updateTwin } from '../twin/update-twin.ts'
import { cancelOperationOnDevice } from './cancel-operation.ts'
import { isRequested } from './requested-operation.ts'

/** What became of a withdrawal. */
export interface Withdrawal {
  /** Whether the device never had the operation, as far as anybody can know. */
  readonly isWithdrawn: boolean
  readonly state: OperationState
}

/**
 * Takes an operation out of the desired properties, and ends it on the device if that has taken it up already.
 *
 * @throws RefusedError `NotCancellable` when it is too late
 * @throws HubError when the twin cannot be read or written, or the device does not answer
 */
export async function withdrawOperation(
  hub: MethodCalls & Pick<TwinCalls, 'getTwin' | 'patchTwin'>,
  deviceId: string,
  actionName: string,
  operationId: string,
  options: CallOptions = {},
): Promise<Withdrawal> {
  const { abortSignal } = options
  const clear = { desired: encodeDesiredOperationClear(actionName) }
  const { reported } = await updateTwin(
    hub,
    deviceId,
    twin => (isRequested(twin, actionName, operationId) ? clear : undefined),
    { abortSignal },
  )
  const isReported = decodeOperationRecord(operationSection(reported, actionName))?.operationId === operationId
  try {
    // Asked also when nothing was reported: the device may have taken it up a moment ago.
    return { isWithdrawn: false, state: await cancelOperationOnDevice(hub, deviceId, operationId, options) }
  } catch (error) {
    const hasNone = isRefusedError(error, 'OperationNotFound') || isHubError(error, 'DeviceOffline')
    if (isReported || !hasNone) throw error
    return { isWithdrawn: true, state: operationState.cancelled }
  }
}
