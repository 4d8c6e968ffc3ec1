import type { JsonObject } from '@iothub-dm/protocol'
import { metricQuery } from './hub-configuration-options.ts'

/** The firmware that a campaign brings to its devices (tutorial "Implement a device firmware update process"). */
export interface CampaignFirmware {
  readonly fwVersion: string
  /** Of https. It stands in the twins of all devices: it must not hold a secret. */
  readonly fwPackageURI: string
  /** What the device checks the package with. */
  readonly fwPackageCheckValue: string
  /** Whatever else the devices understand, such as a signed manifest. */
  readonly [member: string]: JsonObject[string]
}

/** What a campaign makes devices desire. */
export function campaignContent(firmware: CampaignFirmware): JsonObject {
  for (const name of ['fwVersion', 'fwPackageURI', 'fwPackageCheckValue'] as const) {
    if (typeof firmware[name] !== 'string' || firmware[name] === '') {
      throw new TypeError(`firmware.${name}: expected a text, got ${JSON.stringify(firmware[name])}`)
    }
  }
  if (!/^https:\/\//i.test(firmware.fwPackageURI)) {
    throw new TypeError('firmware.fwPackageURI: expected an address of https')
  }
  return { 'properties.desired.firmware': { ...firmware } }
}

/** The five metrics of the tutorial, under its names. */
export function campaignMetrics(id: string): Readonly<Record<string, string>> {
  const status = 'properties.reported.firmware.fwUpdateStatus'
  const applying = ['downloading', 'verifying', 'applying'].map(word => `${status}='${word}'`).join(' OR ')
  return {
    current: metricQuery(id, `${status}='current'`),
    applying: metricQuery(id, `(${applying})`),
    rebooting: metricQuery(id, `${status}='rebooting'`),
    error: metricQuery(id, `${status}='error'`),
    rolledback: metricQuery(id, `${status}='rolledback'`),
  }
}
