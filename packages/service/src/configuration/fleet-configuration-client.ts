import type { ConfigurationDefinition, ConfigurationInput, Contract } from '@iothub-dm/protocol'
import type { ActionContext } from '../action/action-context.ts'
import { mapMembers } from '../contract/map-members.ts'
import { JobHandle } from '../job/job-handle.ts'
import { jobFrame, type ScheduleOptions } from '../job/schedule-options.ts'
import { encodeConfiguration } from './encode-configuration.ts'

/** A configuration of all devices. */
export interface FleetConfigurationClient<
  TConfiguration extends ConfigurationDefinition = ConfigurationDefinition,
  TContract extends Contract = Contract,
> {
  /**
   * Has the hub merge a value into the desired one of many devices, by a job; members that it does not name stay as they are.
   *
   * @throws InvalidRequestError before anything is sent, when the value breaks its schema
   * @throws HubError `AlreadyExists` for a job id that was used before, `Throttled` when the hub runs as many jobs as its tier lets it
   * @example
   * ```ts
   * const job = await fleet.configurations.telemetry.schedule({ sendFrequencySeconds: 60 }, { startTime: tonight })
   * ```
   */
  schedule(
    value: ConfigurationInput<TConfiguration>,
    options?: ScheduleOptions<TContract>,
  ): Promise<JobHandle<undefined>>
}

/** The configurations of all devices, by name. */
export type FleetConfigurationClients<TContract extends Contract> = {
  readonly [TName in keyof TContract['configurations']]: FleetConfigurationClient<
    TContract['configurations'][TName],
    TContract
  >
}

/** Makes a client for each configuration of a contract. */
export function createFleetConfigurationClients<TContract extends Contract>(
  contract: TContract,
  context: ActionContext,
): FleetConfigurationClients<TContract>
export function createFleetConfigurationClients(
  contract: Contract,
  { hub, clock }: ActionContext,
): FleetConfigurationClients<Contract> {
  return mapMembers(contract.configurations, (definition, name) =>
    Object.freeze({
      schedule: async (value: unknown, options: ScheduleOptions = {}) => {
        const patch = { desired: { [name]: encodeConfiguration(name, definition, value) } }
        const frame = jobFrame(options, clock.now())
        const { abortSignal } = options
        await hub.createJob({ ...frame, work: { type: 'scheduleUpdateTwin', patch } }, { abortSignal })
        return new JobHandle<undefined>(frame.jobId, hub, clock, undefined)
      },
    }),
  )
}
