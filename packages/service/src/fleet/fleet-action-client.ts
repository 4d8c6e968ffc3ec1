import { randomUUID } from 'node:crypto'
import type { ActionDefinition, ActionRequestInput, Contract, OperationRecord } from '@iothub-dm/protocol'
import { type AttachOptions, createActionClient } from '../action/action-client.ts'
import type { ActionContext } from '../action/action-context.ts'
import { decodeBegin, encodeBegin } from '../action/begin-exchange.ts'
import { type DeviceOperation, queryOperations } from '../action/query-operations.ts'
import { type OperationSummary, summarizeOperations } from '../action/summarize-operations.ts'
import { mapMembers } from '../contract/map-members.ts'
import type { HubCallOptions, MethodResponse } from '../hub/iot-hub.ts'
import type { JobHandle } from '../job/job-handle.ts'
import { type ScheduleMethodOptions, scheduleMethod } from '../job/schedule-method.ts'
import type { RequestArguments } from '../method/method-client.ts'
import type { OperationHandle } from '../operation/operation-handle.ts'
import { parseSerializedOperation } from '../operation/serialized-operation.ts'
import { type ForecastInput, previewRollout, type RolloutPreview } from '../planning/preview-rollout.ts'
import type { Condition } from '../query/condition.ts'
import type { Paged } from '../query/paged.ts'
import { attachRollout, beginRollout } from '../rollout/handle/begin-rollout.ts'
import type { RolloutHandle } from '../rollout/handle/rollout-handle.ts'
import type { AttachRolloutOptions, RolloutRunOptions } from '../rollout/handle/rollout-run-options.ts'
import type { RolloutOptions, UncheckedRolloutOptions } from '../rollout/plan/rollout-options.ts'

/** An action of all devices. */
export interface FleetActionClient<
  TAction extends ActionDefinition = ActionDefinition,
  TContract extends Contract = Contract,
> {
  /**
   * Takes up an operation from what `serialize()` of its handle gave, in this or another process.
   *
   * @throws TypeError when the text is something else, or belongs to another action
   * @throws OperationNotFoundError when the device does not report it within the time
   * @throws HubError when the twin cannot be read
   */
  attach(serialized: string, options?: AttachOptions): Promise<OperationHandle<TAction>>
  /**
   * Counts devices by the state of their newest operation, with one query whatever their number. Seconds behind the twins, as a rule.
   *
   * @param condition which devices; all, when it is left out
   * @throws HubError when the query fails
   * @example
   * ```ts
   * const { byState, none } = await fleet.actions.reboot.summary(where(t => t.tags('site').eq('oslo')))
   * ```
   */
  summary(condition?: Condition<TContract>, options?: HubCallOptions): Promise<OperationSummary>
  /**
   * The newest operation of every device that has one: who is in error and why, who has rebooted since. Seconds behind the twins, as
   * a rule.
   *
   * @param condition which devices; all, when it is left out
   * @example
   * ```ts
   * const failed = fleet.actions.reboot.operations(where(t => t.action('reboot').state.eq('failed')))
   * for await (const { deviceId, record } of failed) console.log(deviceId, record.error?.code)
   * ```
   */
  operations(condition?: Condition<TContract>): Paged<DeviceOperation<TAction>>
  /**
   * Has the hub begin the action on many devices, by a job. Devices that are not connected are left out, unless the hub may wait for
   * them. The job is over when the devices have answered, not when they are done: see `summary`.
   *
   * @throws InvalidRequestError before anything is sent, when the request breaks its schema
   * @throws HubError `AlreadyExists` for a job id that was used before, `Throttled` when the hub runs as many jobs as its tier lets it
   * @example
   * ```ts
   * const job = await fleet.actions.reboot.schedule({ delaySeconds: 5 }, { startTime: tonight })
   * ```
   */
  schedule(
    ...args: RequestArguments<ActionRequestInput<TAction>, ScheduleActionOptions<TContract>>
  ): Promise<JobHandle<OperationRecord>>
  /**
   * Reckons what a rollout would take: time, calls to the hub, messages that are billed, and what it waits for. Nothing is begun.
   *
   * @throws what `beginRollout` throws for its options
   * @throws HubError when the devices cannot be counted
   * @example
   * ```ts
   * const { devices, forecast } = await fleet.actions.reboot.plan({ rolloutId: 'reboot-1', request: {} })
   * console.log(devices, forecast.durationInMs, forecast.messages, forecast.bottleneck)
   * ```
   */
  plan(options: RolloutOptions<TAction, TContract> & ForecastInput): Promise<RolloutPreview>
  /**
   * Carries the action out on many devices, in waves that only go on while the devices fare well. What the rollout has to remember
   * stands in the hub, so that any process may go on with it: see `attachRollout`. Beginning it again with the same plan is the same
   * as attaching. It needs the permissions RegistryRead and RegistryWrite besides ServiceConnect.
   *
   * @throws TypeError, RangeError for an option that is of no use, and for an action that loses data or cannot be undone without a canary
   * and an acknowledgement
   * @throws InvalidRequestError when a request breaks its schema
   * @throws RolloutConflictError when the id belongs to another plan
   * @throws HubError when the hub refuses
   * @example
   * ```ts
   * await using rollout = await fleet.actions.reboot.beginRollout({ rolloutId: 'reboot-1', request: { delaySeconds: 5 } })
   * for await (const { state, counts } of rollout) console.log(state?.phase, state?.wave, counts)
   * ```
   */
  beginRollout(options: RolloutOptions<TAction, TContract> & RolloutRunOptions): Promise<RolloutHandle>
  /**
   * Takes a rollout up that was begun before: stands by, and goes on with it when nobody else does.
   *
   * @throws RolloutNotFoundError when there is none
   * @throws RolloutConflictError when it is one of another action
   * @throws RolloutDamagedError when its plan was edited since it was begun
   * @throws TypeError when a secret of the request is missing
   */
  attachRollout(rolloutId: string, options?: AttachRolloutOptions<TAction>): Promise<RolloutHandle>
}

/** When, for which devices and under which id an action is begun by a job. */
export interface ScheduleActionOptions<TContract extends Contract = Contract> extends ScheduleMethodOptions<TContract> {
  /** Id of the operation, the same on every device. Default: the id of the job. */
  readonly operationId?: string | undefined
  /** No device must begin after this time. */
  readonly expiresAt?: Date | undefined
}

/** The actions of all devices, by name. */
export type FleetActionClients<TContract extends Contract> = {
  readonly [TName in keyof TContract['actions']]: FleetActionClient<TContract['actions'][TName], TContract>
}

/** Makes a client for each action of a contract. */
export function createFleetActionClients<TContract extends Contract>(
  contract: TContract,
  context: ActionContext,
): FleetActionClients<TContract>
export function createFleetActionClients(contract: Contract, context: ActionContext): FleetActionClients<Contract> {
  const { hub, clock } = context
  return mapMembers(contract.actions, (definition, name) => {
    const attach: FleetActionClient['attach'] = async (serialized, options) => {
      const { deviceId, action, operationId } = parseSerializedOperation(serialized)
      if (action !== name) {
        throw new TypeError(`serialized: expected an operation of action '${name}', got one of '${action}'`)
      }
      return createActionClient(name, definition, context, deviceId).attach(operationId, options)
    }
    return Object.freeze({
      attach,
      summary: (condition?: Condition, options: HubCallOptions = {}) =>
        summarizeOperations(hub, clock, name, condition, options),
      operations: (condition?: Condition) => queryOperations(hub, clock, name, condition),
      plan: (options: UncheckedRolloutOptions & ForecastInput) => previewRollout(context, name, definition, options),
      beginRollout: (options: UncheckedRolloutOptions & RolloutRunOptions) =>
        beginRollout(context, name, definition, options),
      attachRollout: (rolloutId: string, options?: AttachRolloutOptions) =>
        attachRollout(context, name, definition, rolloutId, options),
      schedule: async (request?: unknown, options: ScheduleActionOptions = {}) => {
        const { jobId = randomUUID(), operationId = jobId, expiresAt } = options
        const payload = encodeBegin(name, definition, request, { operationId, expiresAt })
        const time = new Date(clock.now()).toISOString()
        const decode = (answer: MethodResponse) => decodeBegin(name, operationId, answer, time)
        return scheduleMethod(context, name, payload, { ...options, jobId }, decode)
      },
    })
  })
}
