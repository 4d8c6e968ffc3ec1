import { randomUUID } from 'node:crypto'
import type { Contract, JsonObject } from '@iothub-dm/protocol'
import { createActionClients } from '../action/action-client.ts'
import type { ActionContext } from '../action/action-context.ts'
import { type AzureIotHubOptions, createAzureIotHub } from '../adapters/azure-iothub/azure-iot-hub.ts'
import { sharedKeyCredentials } from '../adapters/azure-iothub/shared-key-credentials.ts'
import { closingClock, systemClock } from '../clock/clock.ts'
import { createConfigurationClients } from '../configuration/configuration-client.ts'
import {
  createFleetConfigurationClients,
  type FleetConfigurationClients,
} from '../configuration/fleet-configuration-client.ts'
import { entraCredentials } from '../credentials/entra-credentials.ts'
import type { HubCredentials } from '../credentials/hub-credentials.ts'
import { signatureCredentials } from '../credentials/signature-credentials.ts'
import type { TokenCredential } from '../credentials/token-credential.ts'
import { ClientClosedError } from '../errors/client-closed-error.ts'
import { checkCount, checkDeviceId, checkTimeoutInMs } from '../hub/check-arguments.ts'
import type { DeviceTwin, HubCallOptions } from '../hub/iot-hub.ts'
import { moduleAddress, type TwinAddress } from '../hub/twin-address.ts'
import {
  createHubConfigurationClient,
  type HubConfigurationClient,
} from '../hub-configuration/hub-configuration-client.ts'
import { createJobList, type JobList } from '../job/job-list.ts'
import { createFleetMethodClients, type FleetMethodClients } from '../method/fleet-method-client.ts'
import { createMethodClients } from '../method/method-client.ts'
import { readLatestOperations } from '../operation/latest-operations.ts'
import type { Condition } from '../query/condition.ts'
import { countDevices } from '../query/count-devices.ts'
import { type Paged, paged } from '../query/paged.ts'
import { queryTwins } from '../query/query-twins.ts'
import { readPages } from '../query/read-pages.ts'
import { createDeviceRegistry, type DeviceRegistry } from '../registry/device-registry.ts'
import { listRollouts, type RolloutSummary } from '../rollout/handle/list-rollouts.ts'
import { FleetTracker } from '../tracking/fleet-tracker.ts'
import type { ProgressFeed } from '../tracking/progress-feed.ts'
import { createTwinClient } from '../twin/twin-client.ts'
import type { DeviceClient, ModuleClient } from './device-client.ts'
import { createFleetActionClients, type FleetActionClients } from './fleet-action-client.ts'

/** Options of {@link FleetClient}. */
export interface FleetClientOptions extends AzureIotHubOptions {
  /**
   * Time between two reads of the twin of a device that is being followed, in milliseconds. Each read counts against the hub's limit of
   * twin reads, 100 a second on the smallest tier (IoT Hub quotas and throttling).
   *
   * @default 1_000
   */
  readonly pollIntervalInMs?: number | undefined
  /**
   * Devices up to which each one that is followed is looked at by reads of its twin. More are looked at by queries, which lag some
   * seconds behind and cost a few calls a minute however many devices there are.
   *
   * @default 20
   */
  readonly maxPolledDevices?: number | undefined
  /**
   * Queries that following may make in a minute. A hub of the smallest tier takes 20 (IoT Hub quotas and throttling).
   *
   * @default 10
   */
  readonly trackingQueriesPerMinute?: number | undefined
  /** Tells of changes by itself, in the place of regular looks: twin change events, for example. */
  readonly progressFeed?: ProgressFeed | undefined
}

/** The defaults of {@link FleetClientOptions}. */
export const fleetClientDefaults = {
  pollIntervalInMs: 1_000,
  maxPolledDevices: 20,
  trackingQueriesPerMinute: 10,
} as const

/** Reads of twins for what queries have missed: a tenth of what the smallest tier takes. */
const safetyReadsPerSecond = 10

/**
 * A back end's client for all devices of a contract.
 *
 * @example
 * ```ts
 * await using fleet = FleetClient.fromConnectionString(connectionString, camera)
 * const cam1 = fleet.getDeviceClient('cam-1')
 * const lines = await cam1.methods.getLogs.invoke({ lines: 20 })
 * ```
 */
export class FleetClient<TContract extends Contract = Contract> implements AsyncDisposable {
  readonly contract: TContract
  /**
   * The actions of all devices: `actions.<name>.attach`, `summary`, `operations`, `schedule`, `plan`, `beginRollout`, `attachRollout`.
   */
  readonly actions: FleetActionClients<TContract>
  /** The methods of all devices: `methods.<name>.schedule`. */
  readonly methods: FleetMethodClients<TContract>
  /** The configurations of all devices: `configurations.<name>.schedule`. */
  readonly configurations: FleetConfigurationClients<TContract>
  /** The hub configurations: automatic device management. */
  readonly hubConfigurations: HubConfigurationClient<TContract>
  /** The identities of the devices. */
  readonly devices: DeviceRegistry
  /** The jobs of the hub. */
  readonly jobs: JobList
  readonly #context: ActionContext
  readonly #closing = new AbortController()

  /** @internal For tests of this package; use {@link FleetClient.fromConnectionString}. */
  constructor(contract: TContract, ofHub: ActionContext) {
    const context = { ...ofHub, clock: closingClock(ofHub.clock, this.#closing.signal) }
    this.contract = contract
    this.#context = context
    this.actions = createFleetActionClients<TContract>(contract, context)
    this.methods = createFleetMethodClients<TContract>(contract, context)
    this.configurations = createFleetConfigurationClients<TContract>(contract, context)
    this.hubConfigurations = createHubConfigurationClient<TContract>(contract, context)
    this.devices = createDeviceRegistry(context.hub)
    this.jobs = createJobList(context.hub, context.clock)
  }

  /**
   * Makes a client; nothing is sent before the first call.
   *
   * @param connectionString of a shared access policy with the permission ServiceConnect
   * @param contract from `defineContract`
   * @throws IotHubDmError `InvalidConnectionString`, which never shows the key
   * @throws RangeError, TypeError when an option is of no use
   */
  static fromConnectionString<TContract extends Contract>(
    connectionString: string,
    contract: TContract,
    options: FleetClientOptions = {},
  ): FleetClient<TContract> {
    return connect(sharedKeyCredentials(connectionString), contract, options)
  }

  /**
   * Makes a client that signs in by Microsoft Entra ID; nothing is sent before the first call.
   *
   * @param hostName of the hub, such as `my-hub.azure-devices.net`
   * @param credential one of `@azure/identity`, or of your own; whoever it stands for needs a role such as IoT Hub Data Contributor
   * @param contract from `defineContract`
   * @throws RangeError, TypeError when an argument is of no use
   * @example
   * ```ts
   * const fleet = FleetClient.fromTokenCredential('my-hub.azure-devices.net', new DefaultAzureCredential(), camera)
   * ```
   */
  static fromTokenCredential<TContract extends Contract>(
    hostName: string,
    credential: TokenCredential,
    contract: TContract,
    options: FleetClientOptions = {},
  ): FleetClient<TContract> {
    return connect(entraCredentials(hostName, credential, systemClock), contract, options)
  }

  /**
   * Makes a client with a shared access signature that somebody else has made; nothing is sent before the first call. Calls are refused
   * with `Unauthorized` once it has expired.
   *
   * @param signature `SharedAccessSignature sr=...&sig=...&se=...&skn=...` of a policy with the permission ServiceConnect
   * @param contract from `defineContract`
   * @throws IotHubDmError `InvalidConnectionString`, which never shows the signature
   * @throws RangeError, TypeError when an option is of no use
   */
  static fromSharedAccessSignature<TContract extends Contract>(
    signature: string,
    contract: TContract,
    options: FleetClientOptions = {},
  ): FleetClient<TContract> {
    return connect(signatureCredentials(signature), contract, options)
  }

  /**
   * The client of one device. Nothing is sent: whether the device exists shows at the first call.
   *
   * @throws RangeError when the hub would not take the id
   */
  getDeviceClient(deviceId: string): DeviceClient<TContract> {
    checkDeviceId(deviceId)
    return Object.freeze({ deviceId, ...this.#membersOf(deviceId) })
  }

  /**
   * The client of a module of a device. Nothing is sent: whether the module exists shows at the first call. Its operations are
   * known by `deviceId/moduleId`.
   *
   * @throws RangeError when the hub would not take one of the ids
   */
  getModuleClient(deviceId: string, moduleId: string): ModuleClient<TContract> {
    return Object.freeze({ deviceId, moduleId, ...this.#membersOf(moduleAddress(deviceId, moduleId)) })
  }

  #membersOf(address: TwinAddress): Omit<DeviceClient<TContract>, 'deviceId'> {
    const { methods, actions, configurations } = this.contract
    const context = this.#context
    return {
      methods: createMethodClients<TContract['methods']>(methods, context, address),
      actions: createActionClients<TContract['actions']>(actions, context, address),
      configurations: createConfigurationClients<TContract['configurations']>(configurations, context, address),
      operations: async options => {
        const { reported } = await context.hub.getTwin(address, options)
        return readLatestOperations<TContract['actions']>(actions, reported)
      },
      twin: createTwinClient(context.hub, address),
    }
  }

  /**
   * Finds devices, with their twins. Seconds behind them, as a rule: what was just written may be missing.
   *
   * @param condition which devices; all, when it is left out
   * @throws HubError while it is iterated, when a page cannot be read; pages that the hub puts off are waited for
   * @example
   * ```ts
   * for await (const { deviceId, tags } of fleet.query(where(t => t.tags('site').eq('oslo')))) console.log(deviceId, tags)
   * ```
   */
  query(condition?: Condition<TContract>): Paged<DeviceTwin> {
    const { hub, clock } = this.#context
    return queryTwins(hub, clock, condition)
  }

  /**
   * Runs a query that you wrote yourself, over `devices`, `devices.modules` or `devices.jobs` (IoT Hub query language).
   *
   * @param text with every value escaped; `query` does that for you
   * @returns the rows as the hub gives them
   */
  queryRows(text: string): Paged<JsonObject> {
    const { hub, clock } = this.#context
    return paged(options => readPages(hub, clock, text, options))
  }

  /**
   * Counts devices. Seconds behind the twins, as a rule.
   *
   * @param condition which devices; all, when it is left out
   * @throws HubError when the query fails
   */
  count(condition?: Condition<TContract>, options: HubCallOptions = {}): Promise<number> {
    const { hub, clock } = this.#context
    return countDevices(hub, clock, condition, options)
  }

  /**
   * The rollouts that the hub knows, of all contracts, over or not. Seconds behind, as a rule.
   *
   * @example
   * ```ts
   * for await (const { rolloutId, action, state } of fleet.rollouts()) console.log(rolloutId, action, state?.phase)
   * ```
   */
  rollouts(): Paged<RolloutSummary> {
    const { hub, clock } = this.#context
    return listRollouts(hub, clock)
  }

  /**
   * Ends everything: who waits for an operation gets a `ClientClosedError`, and so does every later call. Calls under way end by
   * themselves; operations on devices go on.
   */
  async close(): Promise<void> {
    this.#context.tracker.close()
    this.#context.hub.close()
    this.#closing.abort(new ClientClosedError())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function connect<TContract extends Contract>(
  credentials: HubCredentials,
  contract: TContract,
  options: FleetClientOptions,
): FleetClient<TContract> {
  const {
    pollIntervalInMs = fleetClientDefaults.pollIntervalInMs,
    maxPolledDevices = fleetClientDefaults.maxPolledDevices,
    trackingQueriesPerMinute = fleetClientDefaults.trackingQueriesPerMinute,
    progressFeed: feed,
  } = options
  checkTimeoutInMs('pollIntervalInMs', pollIntervalInMs)
  checkCount('maxPolledDevices', maxPolledDevices, 0)
  checkCount('trackingQueriesPerMinute', trackingQueriesPerMinute, 1)
  const hub = createAzureIotHub(credentials, options)
  const clock = systemClock
  const tracker = new FleetTracker(hub, clock, {
    pollIntervalInMs,
    maxPolledDevices,
    queriesPerMinute: trackingQueriesPerMinute,
    readsPerSecond: safetyReadsPerSecond,
    feed,
  })
  return new FleetClient(contract, { hub, tracker, clock, newId: randomUUID, random: Math.random })
}
