import {
  type ConfigurationDefinition,
  type ConfigurationInput,
  type Configurations,
  createMergePatch,
  isJsonObject,
  type JsonValue,
  sameJson,
} from '@iothub-dm/protocol'
import type { ActionContext } from '../action/action-context.ts'
import { mapMembers } from '../contract/map-members.ts'
import { checkTimeoutInMs } from '../hub/check-arguments.ts'
import type { HubCallOptions } from '../hub/iot-hub.ts'
import { sectionVersion } from '../hub/section-version.ts'
import { updateTwin } from '../twin/update-twin.ts'
import { type ConfigurationState, readConfigurationState } from './configuration-state.ts'
import { encodeConfiguration } from './encode-configuration.ts'
import { waitForAcknowledgement } from './wait-for-acknowledgement.ts'

/** Options of `set`. */
export interface SetConfigurationOptions {
  /**
   * How long to wait for the device to acknowledge it, in milliseconds; 0 does not wait.
   *
   * @default 60_000
   */
  readonly timeoutInMs?: number | undefined
  readonly abortSignal?: AbortSignal | undefined
}

/** A configuration of one device. */
export interface ConfigurationClient<TConfiguration extends ConfigurationDefinition = ConfigurationDefinition> {
  /**
   * Makes a value the desired one, in the place of the one before, and waits until the device has applied it. Nothing is written
   * when it is the desired one already.
   *
   * @returns how far the device is: `applied`, or, with `timeoutInMs: 0`, as it is at once
   * @throws InvalidRequestError before anything is written, when the value breaks its schema
   * @throws ConfigurationFailedError when the device refused it, or failed to apply it
   * @throws ConfigurationNotAcknowledgedError when the device was silent for too long; the value stays desired
   * @throws HubError when the twin cannot be read or written
   * @example
   * ```ts
   * await cam1.configurations.telemetry.set({ sendFrequencySeconds: 60 })
   * ```
   */
  set(value: ConfigurationInput<TConfiguration>, options?: SetConfigurationOptions): Promise<ConfigurationState>
  /**
   * Takes the desired value away; the device goes back to its own.
   *
   * @throws HubError when the twin cannot be written
   */
  clear(options?: HubCallOptions): Promise<void>
  /**
   * How far the device is with the desired value.
   *
   * @throws HubError when the twin cannot be read
   */
  get(options?: HubCallOptions): Promise<ConfigurationState>
}

/** The configurations of one device, by name. */
export type ConfigurationClients<TConfigurations extends Configurations> = {
  readonly [TName in keyof TConfigurations]: ConfigurationClient<TConfigurations[TName]>
}

/** Makes a client for each configuration of a contract. */
export function createConfigurationClients<TConfigurations extends Configurations>(
  configurations: TConfigurations,
  context: ActionContext,
  deviceId: string,
): ConfigurationClients<TConfigurations>
export function createConfigurationClients(
  configurations: Configurations,
  context: ActionContext,
  deviceId: string,
): ConfigurationClients<Configurations> {
  return mapMembers(configurations, (definition, name) =>
    createConfigurationClient(name, definition, context, deviceId),
  )
}

function createConfigurationClient(
  name: string,
  definition: ConfigurationDefinition,
  context: ActionContext,
  deviceId: string,
): ConfigurationClient {
  const { hub } = context
  return Object.freeze({
    async set(value: unknown, { timeoutInMs = 60_000, abortSignal }: SetConfigurationOptions = {}) {
      if (timeoutInMs !== 0) checkTimeoutInMs('timeoutInMs', timeoutInMs)
      const wanted = encodeConfiguration(name, definition, value)
      // An acknowledgement from before the write does not count; without a write, whatever is there does.
      let since = 0
      const twin = await updateTwin(
        hub,
        deviceId,
        ({ desired }) => {
          const change = changeOf(desired[name], wanted)
          if (change === undefined) return undefined
          since = sectionVersion(desired) + 1
          return { desired: { [name]: change } }
        },
        { abortSignal },
      )
      const state = readConfigurationState(name, twin, since)
      if (timeoutInMs === 0 || state.state === 'applied') return state
      const { desired } = twin
      return waitForAcknowledgement(context, { deviceId, name, desired, since, timeoutInMs, abortSignal })
    },
    async clear(options?: HubCallOptions) {
      await hub.patchTwin(deviceId, { desired: { [name]: null } }, options)
    },
    async get(options?: HubCallOptions) {
      return readConfigurationState(name, await hub.getTwin(deviceId, options))
    },
  })
}

/** What to write so that the desired value is the wanted one and nothing else; undefined when it is. */
function changeOf(current: JsonValue | undefined, wanted: JsonValue): JsonValue | undefined {
  if (isJsonObject(current) && isJsonObject(wanted)) return createMergePatch(current, wanted)
  return current !== undefined && sameJson(current, wanted) ? undefined : wanted
}
