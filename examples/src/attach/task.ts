import { type HubLocation, readHubLocation, requiredVariable, writeHubLocation } from '../support/hub-location.ts'

/** What a back end of this example is told from outside. */
export interface Task {
  readonly connectionString: string
  readonly hub: HubLocation
  readonly deviceId: string
  /** Where the address of the operation is kept between the two. */
  readonly addressFile: string
}

/** Writes the environment variables for a back end. */
export function writeTask({ connectionString, hub, deviceId, addressFile }: Task): Record<string, string> {
  return {
    SERVICE_CONNECTION_STRING: connectionString,
    DEVICE_ID: deviceId,
    ADDRESS_FILE: addressFile,
    ...writeHubLocation(hub),
  }
}

/** Reads what {@link writeTask} wrote. */
export function readTask(variables: NodeJS.ProcessEnv): Task {
  return {
    connectionString: requiredVariable(variables, 'SERVICE_CONNECTION_STRING'),
    hub: readHubLocation(variables),
    deviceId: requiredVariable(variables, 'DEVICE_ID'),
    addressFile: requiredVariable(variables, 'ADDRESS_FILE'),
  }
}
