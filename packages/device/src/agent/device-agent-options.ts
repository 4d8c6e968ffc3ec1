import type { AzureConnectionOptions } from '../adapters/azure-connection-options.ts'
import { longestTimeoutInMs } from '../connection/clock.ts'
import { type UnknownMethodHandler, unknownMethodHandler } from './unknown-method.ts'

/** Options of {@link DeviceAgent}. */
export interface DeviceAgentOptions extends AzureConnectionOptions {
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
   * Lives of a handler that may pass without a step done or a restart begun, before the operation is given up.
   *
   * @default 3
   */
  readonly maxAttempts?: number | undefined
  /**
   * Longest time that the handler of a method has for its answer, in milliseconds. It should be shorter than the time the callers
   * wait, which is 30 seconds by default (IoT Hub direct methods guide).
   *
   * @default 25_000
   */
  readonly methodTimeoutInMs?: number | undefined
  /**
   * Shortest time between two reports that differ only in `percent` and `detail`, in milliseconds: a hub takes few twin
   * updates a second (IoT Hub quotas and throttling).
   *
   * @default 10_000
   */
  readonly progressIntervalInMs?: number | undefined
  /**
   * Answers direct methods that are not in the contract: `'echo'` as `az iot device simulate` does, with 200 and
   * `{methodName, methodRequestId, methodRequestPayload}`; or a function of your own.
   *
   * @default they are refused with 404 and `MethodNotFound`
   */
  readonly onUnknownMethod?: 'echo' | UnknownMethodHandler | undefined
}

/** The defaults of {@link DeviceAgentOptions}. */
export const deviceAgentDefaults = {
  maxAttempts: 3,
  methodTimeoutInMs: 25_000,
  progressIntervalInMs: 10_000,
} as const

type TunableOption = keyof typeof deviceAgentDefaults

/** The options that have a default, each with its value. */
export function withDefaults(options: DeviceAgentOptions): { readonly [TName in TunableOption]: number } {
  return {
    maxAttempts: options.maxAttempts ?? deviceAgentDefaults.maxAttempts,
    methodTimeoutInMs: options.methodTimeoutInMs ?? deviceAgentDefaults.methodTimeoutInMs,
    progressIntervalInMs: options.progressIntervalInMs ?? deviceAgentDefaults.progressIntervalInMs,
  }
}

/** @throws TypeError or RangeError that names the option, what was expected, and what came */
export function checkDeviceAgentOptions(options: DeviceAgentOptions): void {
  const { stateDirectory, maxAttempts, methodTimeoutInMs, progressIntervalInMs } = options
  if (typeof stateDirectory !== 'string' || stateDirectory === '') {
    throw new TypeError(`stateDirectory: expected the path of a folder, got ${JSON.stringify(stateDirectory)}`)
  }
  checkInteger('maxAttempts', maxAttempts, 1)
  checkInteger('methodTimeoutInMs', methodTimeoutInMs, 1)
  checkInteger('progressIntervalInMs', progressIntervalInMs, 0)
  unknownMethodHandler(options.onUnknownMethod)
}

function checkInteger(name: string, value: number | undefined, min: number): void {
  if (value === undefined) return
  if (!Number.isInteger(value) || value < min || value > longestTimeoutInMs) {
    throw new RangeError(`${name}: expected an integer from ${min} to ${longestTimeoutInMs}, got ${value}`)
  }
}
