import type { AzureConnectionOptions } from '../adapters/azure-connection-options.ts'
import type { ConsentHook } from '../consent/consent.ts'
import type { SurvivalStore } from '../factory-reset/survival-store.ts'
import { checkInventorySource, type InventorySource } from '../inventory/inventory-source.ts'
import {
  checkInteger,
  checkOperationOptions,
  type OperationOptions,
  operationDefaults,
} from '../operation/operation-options.ts'
import { type UnknownMethodHandler, unknownMethodHandler } from './unknown-method.ts'

/** Options of {@link DeviceAgent}. */
export interface DeviceAgentOptions extends AzureConnectionOptions, OperationOptions {
  /**
   * Folder of the journal, on a disk that keeps what is synced. One agent at a time works on it. Created when it is missing,
   * for the user of this process only.
   */
  readonly stateDirectory: string
  /**
   * Which boot of the device this is: a text that changes with every boot and only then. The proof of a restart rests on it.
   *
   * @default `/proc/sys/kernel/random/boot_id`, where there is one
   */
  readonly bootId?: string | undefined
  /**
   * Where the device keeps what it has to know of an operation that loses data after the data is lost: outside of what is wiped. Used
   * only when the contract has such an action.
   *
   * @default a file beside the state directory, of its name with `.survival` behind it
   */
  readonly survivalStore?: SurvivalStore | undefined
  /**
   * Longest time that the handler of a method has for its answer, in milliseconds. It should be shorter than the time the callers
   * wait, which is 30 seconds by default (IoT Hub direct methods guide).
   *
   * @default 25_000
   */
  readonly methodTimeoutInMs?: number | undefined
  /**
   * How many direct methods, those that begin operations included, may wait for their answer at a time. One more is refused with
   * 429, `TooManyRequests`, before its payload is looked at.
   *
   * @default 64
   */
  readonly maxConcurrentMethods?: number | undefined
  /**
   * Shortest time between two reports that differ only in `percent` and `detail`, in milliseconds: a hub takes few twin
   * updates a second (IoT Hub quotas and throttling). It doubles after every 20 reports of an operation.
   *
   * @default 10_000
   */
  readonly progressIntervalInMs?: number | undefined
  /**
   * What the device is, reported at the start and whenever it has changed: in the component `deviceInformation`, of the standard
   * interface `dtmi:azure:DeviceManagement:DeviceInformation;1`, with the version of this package in `iothubDM.agent`. The name of the
   * operating system, the architecture of the processor and the size of the memory are filled in. A function is asked at the start
   * of every session.
   *
   * @default nothing is reported
   */
  readonly inventory?: InventorySource | undefined
  /**
   * Answers direct methods that are not in the contract: `'echo'` as `az iot device simulate` does, with 200 and
   * `{methodName, methodRequestId, methodRequestPayload}`; or a function of your own.
   *
   * @default they are refused with 404 and `MethodNotFound`
   */
  readonly onUnknownMethod?: 'echo' | UnknownMethodHandler | undefined
  /**
   * Asks whether an operation may begin. Until it is granted, the operation waits.
   *
   * @default every operation may
   */
  readonly consent?: ConsentHook | undefined
}

/** The defaults of {@link DeviceAgentOptions}. */
export const deviceAgentDefaults: typeof operationDefaults & { readonly [TName in TunableOption]: number } = {
  ...operationDefaults,
  methodTimeoutInMs: 25_000,
  maxConcurrentMethods: 64,
  progressIntervalInMs: 10_000,
}

type TunableOption = 'methodTimeoutInMs' | 'maxConcurrentMethods' | 'progressIntervalInMs'

/** The options of the agent itself that have a default, each with its value. */
export function withDefaults(options: DeviceAgentOptions): { readonly [TName in TunableOption]: number } {
  return {
    methodTimeoutInMs: options.methodTimeoutInMs ?? deviceAgentDefaults.methodTimeoutInMs,
    maxConcurrentMethods: options.maxConcurrentMethods ?? deviceAgentDefaults.maxConcurrentMethods,
    progressIntervalInMs: options.progressIntervalInMs ?? deviceAgentDefaults.progressIntervalInMs,
  }
}

/** @throws TypeError or RangeError that names the option, what was expected, and what came */
export function checkDeviceAgentOptions(options: DeviceAgentOptions): void {
  const { stateDirectory, methodTimeoutInMs, maxConcurrentMethods, progressIntervalInMs } = options
  if (typeof stateDirectory !== 'string' || stateDirectory === '') {
    throw new TypeError(`stateDirectory: expected the path of a folder, got ${JSON.stringify(stateDirectory)}`)
  }
  checkOperationOptions(options)
  checkInteger('methodTimeoutInMs', methodTimeoutInMs, 1)
  checkInteger('maxConcurrentMethods', maxConcurrentMethods, 1)
  checkInteger('progressIntervalInMs', progressIntervalInMs, 0)
  unknownMethodHandler(options.onUnknownMethod)
  checkInventorySource(options.inventory)
  if (options.consent !== undefined && typeof options.consent !== 'function') {
    throw new TypeError(`consent: expected a function, got ${JSON.stringify(options.consent)}`)
  }
}
