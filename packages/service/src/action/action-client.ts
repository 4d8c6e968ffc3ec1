import type { ActionDefinition, ActionRequestInput, Actions } from '@iothub-dm/protocol'
import { mapMembers } from '../contract/map-members.ts'
import { OperationNotFoundError } from '../errors/operation-errors.ts'
import { checkTimeoutInMs } from '../hub/check-arguments.ts'
import type { HubCallOptions } from '../hub/iot-hub.ts'
import type { RequestArguments } from '../method/method-client.ts'
import type { LatestOperation } from '../operation/action-record.ts'
import { checkOperationId } from '../operation/check-operation-id.ts'
import type { KnownOperation } from '../operation/known-operation.ts'
import { readLatestOperation } from '../operation/latest-operations.ts'
import { OperationHandle } from '../operation/operation-handle.ts'
import type { ActionContext } from './action-context.ts'
import { beginOperation } from './begin-operation.ts'
import type { BeginOptions } from './begin-options.ts'
import { findOperation } from './find-operation.ts'

/** Options of `attach`. */
export interface AttachOptions {
  /**
   * How long to wait for the device to report the operation, in milliseconds.
   *
   * @default 10_000
   */
  readonly timeoutInMs?: number | undefined
  readonly abortSignal?: AbortSignal | undefined
}

/** An action of one device. */
export interface ActionClient<TAction extends ActionDefinition = ActionDefinition> {
  /**
   * Begins the action. Resolves once the operation is durable on the device, or was found in its twin, or, with
   * `whenOffline: 'desired'`, is asked for there.
   *
   * @throws InvalidRequestError before anything is sent, when the request breaks its schema
   * @throws RefusedError `Busy`, `InvalidPayload`, `OperationConflict`, `Expired`, `MethodNotFound` ...
   * @throws OutcomeUnknownError when no answer came and the twin does not show the operation; begin again with its `operationId`
   * @throws InvalidResponseError when software of another kind answered, or the result of a repeated operation breaks its schema
   * @throws HubError `DeviceOffline`, `DeviceNotFound`, `Throttled` ...
   * @example
   * ```ts
   * const reboot = await camera.actions.reboot.begin({ delaySeconds: 5 })
   * ```
   */
  begin(
    ...args: RequestArguments<ActionRequestInput<TAction>, BeginOptions<TAction>>
  ): Promise<OperationHandle<TAction>>
  /**
   * Takes up an operation that was begun before, by this or another process.
   *
   * @throws OperationNotFoundError when the device does not report it within the time
   * @throws InvalidResponseError when it is over and its result breaks the schema
   * @throws HubError when the twin cannot be read
   */
  attach(operationId: string, options?: AttachOptions): Promise<OperationHandle<TAction>>
  /**
   * What the device last reported about the action, also in a shape that Microsoft's samples write; undefined when nothing.
   *
   * @throws HubError when the twin cannot be read
   * @throws InvalidResponseError when its result breaks the schema
   */
  latest(options?: HubCallOptions): Promise<LatestOperation<TAction> | undefined>
}

/** The actions of one device, by name. */
export type ActionClients<TActions extends Actions> = {
  readonly [TName in keyof TActions]: ActionClient<TActions[TName]>
}

/** Makes a client for each action of a contract. */
export function createActionClients<TActions extends Actions>(
  actions: TActions,
  context: ActionContext,
  deviceId: string,
): ActionClients<TActions>
export function createActionClients(
  actions: Actions,
  context: ActionContext,
  deviceId: string,
): ActionClients<Actions> {
  return mapMembers(actions, (definition, name) => createActionClient(name, definition, context, deviceId))
}

/** Makes a client for one action of one device. */
export function createActionClient(
  actionName: string,
  definition: ActionDefinition,
  context: ActionContext,
  deviceId: string,
): ActionClient {
  const { hub, tracker, clock } = context
  const handle = (known: KnownOperation) =>
    new OperationHandle({ deviceId, actionName, definition, known, hub, tracker, clock })
  return Object.freeze({
    async begin(request?: unknown, options?: BeginOptions) {
      return handle(await beginOperation(context, deviceId, actionName, definition, request, options))
    },
    async attach(operationId: string, { timeoutInMs = 10_000, abortSignal }: AttachOptions = {}) {
      checkOperationId(operationId)
      checkTimeoutInMs('timeoutInMs', timeoutInMs)
      const found = await findOperation(context, deviceId, actionName, operationId, timeoutInMs, abortSignal)
      if (found.known === undefined) throw new OperationNotFoundError(deviceId, operationId, found.other)
      return handle(found.known)
    },
    async latest(options?: HubCallOptions): Promise<LatestOperation | undefined> {
      const { reported } = await hub.getTwin(deviceId, options)
      return readLatestOperation(actionName, definition, reported)
    },
  })
}
