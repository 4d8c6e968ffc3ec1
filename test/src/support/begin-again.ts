import type { ActionDefinition, ActionRequestInput } from '@iothub-dm/protocol'
import { type ActionClient, isHubError, type OperationHandle, OutcomeUnknownError } from '@iothub-dm/service'

/**
 * Begins an operation again and again under the same id until the device has taken it, as a back end does whose device comes and goes. The
 * hub waits for the device in the meantime.
 */
export async function beginAgainUntilTaken<TAction extends ActionDefinition>(
  client: ActionClient<TAction>,
  request: ActionRequestInput<TAction>,
  operationId: string,
): Promise<OperationHandle<TAction>> {
  const call = { operationId, connectTimeoutInSeconds: 10, responseTimeoutInSeconds: 10 }
  for (;;) {
    try {
      return await client.begin(request, call)
    } catch (error) {
      if (!isHubError(error, 'DeviceOffline') && !(error instanceof OutcomeUnknownError)) throw error
    }
  }
}
