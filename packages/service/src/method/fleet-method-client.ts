import type { Contract, MethodDefinition, MethodRequestInput, MethodResponseOutput } from '@iothub-dm/protocol'
import type { ActionContext } from '../action/action-context.ts'
import { mapMembers } from '../contract/map-members.ts'
import type { JobHandle } from '../job/job-handle.ts'
import { type ScheduleMethodOptions, scheduleMethod } from '../job/schedule-method.ts'
import type { RequestArguments } from './method-client.ts'
import { decodeMethodAnswer, encodeMethodRequest } from './method-exchange.ts'

/** A method of all devices. */
export interface FleetMethodClient<
  TMethod extends MethodDefinition = MethodDefinition,
  TContract extends Contract = Contract,
> {
  /**
   * Has the hub call the method of many devices, by a job. Devices that are not connected are left out, unless the hub may wait for
   * them.
   *
   * @throws InvalidRequestError before anything is sent, when the request breaks its schema
   * @throws HubError `AlreadyExists` for a job id that was used before, `Throttled` when the hub runs as many jobs as its tier lets it
   * @example
   * ```ts
   * const job = await fleet.methods.getLogs.schedule({ lines: 20 }, { condition: where(t => t.tags('site').eq('oslo')) })
   * await job.wait()
   * ```
   */
  schedule(
    ...args: RequestArguments<MethodRequestInput<TMethod>, ScheduleMethodOptions<TContract>>
  ): Promise<JobHandle<MethodResponseOutput<TMethod>>>
}

/** The methods of all devices, by name. */
export type FleetMethodClients<TContract extends Contract> = {
  readonly [TName in keyof TContract['methods']]: FleetMethodClient<TContract['methods'][TName], TContract>
}

/** Makes a client for each method of a contract. */
export function createFleetMethodClients<TContract extends Contract>(
  contract: TContract,
  context: ActionContext,
): FleetMethodClients<TContract>
export function createFleetMethodClients(contract: Contract, context: ActionContext): FleetMethodClients<Contract> {
  return mapMembers(contract.methods, (definition, name) =>
    Object.freeze({
      schedule: async (request?: unknown, options: ScheduleMethodOptions = {}) => {
        const payload = encodeMethodRequest(name, definition, request)
        return scheduleMethod(context, name, payload, options, answer => decodeMethodAnswer(name, definition, answer))
      },
    }),
  )
}
