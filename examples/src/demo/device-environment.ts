import { readFileSync } from 'node:fs'

/** With this code the device program ends when it wants its device to reboot. */
export const rebootExitCode = 3

/** Where the hub is, when it is not where the connection string says. */
export interface HubLocation {
  readonly endpoint?: { readonly host: string; readonly port: number }
  /** Certificate authority to trust, PEM. */
  readonly ca?: string
}

/** What the device program is told from outside. */
export interface DeviceEnvironment {
  readonly connectionString: string
  readonly stateDirectory: string
  readonly bootId: string
  readonly hub: HubLocation
}

/** Writes the environment variables for a device process. */
export function writeDeviceEnvironment(environment: DeviceEnvironment, caFile: string): Record<string, string> {
  const { connectionString, stateDirectory, bootId, hub } = environment
  return {
    DEVICE_CONNECTION_STRING: connectionString,
    DEVICE_STATE_DIRECTORY: stateDirectory,
    DEVICE_BOOT_ID: bootId,
    ...(hub.endpoint === undefined ? {} : { HUB_HOST: hub.endpoint.host, HUB_PORT: String(hub.endpoint.port) }),
    ...(hub.ca === undefined ? {} : { HUB_CA_FILE: caFile }),
  }
}

/**
 * Reads what {@link writeDeviceEnvironment} wrote.
 *
 * @throws TypeError naming the variable that is missing
 */
export function readDeviceEnvironment(variables: NodeJS.ProcessEnv): DeviceEnvironment {
  const { HUB_HOST, HUB_PORT, HUB_CA_FILE } = variables
  return {
    connectionString: required(variables, 'DEVICE_CONNECTION_STRING'),
    stateDirectory: required(variables, 'DEVICE_STATE_DIRECTORY'),
    bootId: required(variables, 'DEVICE_BOOT_ID'),
    hub: {
      ...(HUB_HOST === undefined ? {} : { endpoint: { host: HUB_HOST, port: Number(HUB_PORT) } }),
      ...(HUB_CA_FILE === undefined ? {} : { ca: readFileSync(HUB_CA_FILE, 'utf8') }),
    },
  }
}

function required(variables: NodeJS.ProcessEnv, name: string): string {
  const value = variables[name]
  if (value === undefined) throw new TypeError(`${name}: expected a value, got none`)
  return value
}
