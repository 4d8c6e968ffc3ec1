import type { ActionDefinition, Actions } from '@iothub-dm/protocol'
import { type AttachOptions, createActionClient } from '../action/action-client.ts'
import type { ActionContext } from '../action/action-context.ts'
import { mapMembers } from '../contract/map-members.ts'
import type { OperationHandle } from '../operation/operation-handle.ts'
import { parseSerializedOperation } from '../operation/serialized-operation.ts'

/** An action of all devices. */
export interface FleetActionClient<TAction extends ActionDefinition = ActionDefinition> {
  /**
   * Takes up an operation from what `serialize()` of its handle gave, in this or another process.
   *
   * @throws TypeError when the text is something else, or belongs to another action
   * @throws OperationNotFoundError when the device does not report it within the time
   * @throws HubError when the twin cannot be read
   */
  attach(serialized: string, options?: AttachOptions): Promise<OperationHandle<TAction>>
}

/** The actions of all devices, by name. */
export type FleetActionClients<TActions extends Actions> = {
  readonly [TName in keyof TActions]: FleetActionClient<TActions[TName]>
}

/** Makes a client for each action of a contract. */
export function createFleetActionClients<TActions extends Actions>(
  actions: TActions,
  context: ActionContext,
): FleetActionClients<TActions>
export function createFleetActionClients(actions: Actions, context: ActionContext): FleetActionClients<Actions> {
  return mapMembers(actions, (definition, name) => {
    const attach: FleetActionClient['attach'] = async (serialized, options) => {
      const { deviceId, action, operationId } = parseSerializedOperation(serialized)
      if (action !== name) {
        throw new TypeError(`serialized: expected an operation of action '${name}', got one of '${action}'`)
      }
      return createActionClient(name, definition, context, deviceId).attach(operationId, options)
    }
    return Object.freeze({ attach })
  })
}
