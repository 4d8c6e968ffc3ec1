import type { Contract } from '@iothub-dm/protocol'
import type { ActionClients } from '../action/action-client.ts'
import type { ConfigurationClients } from '../configuration/configuration-client.ts'
import type { HubCallOptions } from '../hub/iot-hub.ts'
import type { MethodClients } from '../method/method-client.ts'
import type { LatestOperations } from '../operation/latest-operations.ts'
import type { TwinClient } from '../twin/twin-client.ts'

/** One device, with a member for everything that its contract has. */
export interface DeviceClient<TContract extends Contract = Contract> {
  readonly deviceId: string
  /** The plain methods of the device: `methods.<name>.invoke`. */
  readonly methods: MethodClients<TContract['methods']>
  /** The actions of the device: `actions.<name>.begin`, `attach`, `latest`. */
  readonly actions: ActionClients<TContract['actions']>
  /** The configurations of the device: `configurations.<name>.set`, `get`, `clear`. */
  readonly configurations: ConfigurationClients<TContract['configurations']>
  /**
   * What the device last reported about each of its actions, with one read of its twin. A twin keeps one operation for each action, the
   * newest: those before it are told by nobody but those who followed them.
   *
   * @throws HubError when the twin cannot be read
   * @throws InvalidResponseError when a result breaks its schema
   * @example
   * ```ts
   * const { reboot, calibrate } = await cam1.operations()
   * if (calibrate?.kind === 'operation') console.log(calibrate.record.state, calibrate.record.result?.offset)
   * ```
   */
  operations(options?: HubCallOptions): Promise<LatestOperations<TContract['actions']>>
  /** The twin of the device, for what the contract does not cover: tags, for example. */
  readonly twin: TwinClient
}

/** One module of a device, with a member for everything that its contract has. */
export interface ModuleClient<TContract extends Contract = Contract> extends DeviceClient<TContract> {
  readonly moduleId: string
}
