import type { JsonObject } from '@iothub-dm/protocol'
import { checkDeviceId } from '../../hub/check-arguments.ts'
import type { DeviceTwin, HubWriteOptions, TwinCalls, TwinWrite } from '../../hub/iot-hub.ts'
import { parseDeviceTwin } from '../../hub/parse-hub-answer.ts'
import type { HubCallSubject } from '../../hub/to-hub-error.ts'
import type { Send } from './send.ts'

/** Where the REST interface has the twin of a device. */
export function twinPath(deviceId: string): string {
  return `/twins/${encodeURIComponent(deviceId)}`
}

/** Device twins (wire reference 3). */
export function createTwinCalls(send: Send): TwinCalls {
  const write = async (
    method: 'PATCH' | 'PUT',
    deviceId: string,
    sections: TwinWrite,
    { etag, ...bounds }: HubWriteOptions,
  ): Promise<DeviceTwin> => {
    checkDeviceId(deviceId)
    const subject: HubCallSubject = { description: `write to the twin of device '${deviceId}'`, effect: 'hub' }
    const headers = { 'If-Match': etag === undefined ? '*' : `"${etag}"` }
    const call = { method, path: twinPath(deviceId), headers, body: twinBody(sections) }
    return parseDeviceTwin(subject, (await send(subject, call, bounds)).body)
  }
  return {
    async getTwin(deviceId, options = {}) {
      checkDeviceId(deviceId)
      const subject: HubCallSubject = { description: `twin of device '${deviceId}'`, effect: 'none' }
      const { body } = await send(subject, { method: 'GET', path: twinPath(deviceId) }, options)
      return parseDeviceTwin(subject, body)
    },
    patchTwin: (deviceId, patch, options = {}) => write('PATCH', deviceId, patch, options),
    replaceTwin: (deviceId, sections, options = {}) => write('PUT', deviceId, sections, options),
  }
}

/** What a write of a twin looks like in the REST interface. */
export function twinBody({ tags, desired }: TwinWrite): JsonObject {
  return {
    ...(tags === undefined ? {} : { tags }),
    ...(desired === undefined ? {} : { properties: { desired } }),
  }
}
