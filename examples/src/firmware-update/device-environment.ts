import { readFileSync } from 'node:fs'
import type { HubLocation } from '../support/hub-location.ts'

/** With this code the device program ends when it wants to be started anew, maybe as another version. */
export const restartExitCode = 3

/** What the device program is told from outside. */
export interface CameraEnvironment {
  readonly connectionString: string
  readonly hub: HubLocation
  /** Folder of the slots that the program lies in. */
  readonly slotsDirectory: string
  readonly stateDirectory: string
  /** Changes whenever the program was started anew because it asked for that. */
  readonly bootId: string
  /** Certificate authority of the image server, PEM. */
  readonly imageServerCa: string
}

/** What the launcher knows of it: all but the boot id. */
export type CameraPlace = Omit<CameraEnvironment, 'bootId'>

/** Writes the environment variables for a device process; what is long stands in a file. */
export function cameraVariables(configFile: string, bootId: string): Record<string, string> {
  return { CAMERA_CONFIG_FILE: configFile, CAMERA_BOOT_ID: bootId }
}

/** Reads what the launcher has written. */
export function readCameraEnvironment({ CAMERA_CONFIG_FILE, CAMERA_BOOT_ID }: NodeJS.ProcessEnv): CameraEnvironment {
  if (CAMERA_CONFIG_FILE === undefined || CAMERA_BOOT_ID === undefined) {
    throw new TypeError('CAMERA_CONFIG_FILE, CAMERA_BOOT_ID: expected to be started by the launcher')
  }
  const place: CameraPlace = JSON.parse(readFileSync(CAMERA_CONFIG_FILE, 'utf8'))
  return { ...place, bootId: CAMERA_BOOT_ID }
}
