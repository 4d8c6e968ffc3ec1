import { type HubLocation, readHubLocation, requiredVariable, writeHubLocation } from './hub-location.ts'

/** With this code a device program ends when it wants its device to reboot. */
export const rebootExitCode = 3

/** What a device program is told from outside. */
export interface DeviceEnvironment {
  readonly connectionString: string
  readonly stateDirectory: string
  readonly bootId: string
  readonly hub: HubLocation
}

/** Writes the environment variables for a device process. */
export function writeDeviceEnvironment(environment: DeviceEnvironment): Record<string, string> {
  const { connectionString, stateDirectory, bootId, hub } = environment
  return {
    DEVICE_CONNECTION_STRING: connectionString,
    DEVICE_STATE_DIRECTORY: stateDirectory,
    DEVICE_BOOT_ID: bootId,
    ...writeHubLocation(hub),
  }
}

/**
 * Reads what {@link writeDeviceEnvironment} wrote.
 *
 * @throws TypeError naming the variable that is missing
 */
export function readDeviceEnvironment(variables: NodeJS.ProcessEnv): DeviceEnvironment {
  return {
    connectionString: requiredVariable(variables, 'DEVICE_CONNECTION_STRING'),
    stateDirectory: requiredVariable(variables, 'DEVICE_STATE_DIRECTORY'),
    bootId: requiredVariable(variables, 'DEVICE_BOOT_ID'),
    hub: readHubLocation(variables),
  }
}
