import { isJsonObject } from '@iothub-dm/protocol'
import { checkDeviceId } from '../../hub/check-arguments.ts'
import type { RegistryCalls } from '../../hub/iot-hub.ts'
import { type HubCallSubject, invalidHubAnswer } from '../../hub/to-hub-error.ts'
import type { Send } from './send.ts'

/** Where the REST interface has the identity of a device. */
function devicePath(deviceId: string): string {
  return `/devices/${encodeURIComponent(deviceId)}`
}

/** The identity registry (wire reference 8). */
export function createRegistryCalls(send: Send): RegistryCalls {
  return {
    async createDevice(deviceId, { status = 'enabled', ...bounds } = {}) {
      checkDeviceId(deviceId)
      const subject: HubCallSubject = { description: `creation of device '${deviceId}'`, effect: 'hub' }
      await send(subject, { method: 'PUT', path: devicePath(deviceId), body: { deviceId, status } }, bounds)
    },
    async setDeviceStatus(deviceId, status, options = {}) {
      checkDeviceId(deviceId)
      const subject: HubCallSubject = { description: `status of device '${deviceId}'`, effect: 'hub' }
      const path = devicePath(deviceId)
      const { body: device } = await send(subject, { method: 'GET', path }, options)
      // The whole identity goes back: what is left out, such as its keys, the hub would make anew.
      if (!isJsonObject(device) || typeof device.etag !== 'string')
        throw invalidHubAnswer(subject, 'expected an identity')
      const headers = { 'If-Match': `"${device.etag}"` }
      await send(subject, { method: 'PUT', path, headers, body: { ...device, status } }, options)
    },
    async deleteDevice(deviceId, options = {}) {
      checkDeviceId(deviceId)
      const subject: HubCallSubject = { description: `deletion of device '${deviceId}'`, effect: 'hub' }
      await send(subject, { method: 'DELETE', path: devicePath(deviceId), headers: { 'If-Match': '*' } }, options)
    },
  }
}
