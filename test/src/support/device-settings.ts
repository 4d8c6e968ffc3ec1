import { type DeviceSettings, deviceSettingsVariable } from './device-messages.ts'

/** The settings of this run of the device program. */
export const settings: DeviceSettings = JSON.parse(process.env[deviceSettingsVariable] ?? '{}')
