import type { JsonObject } from '@iothub-dm/protocol'
import type { DeviceTwin, HubWriteOptions, TwinCalls, TwinWrite } from '../../hub/iot-hub.ts'
import { parseDeviceTwin } from '../../hub/parse-hub-answer.ts'
import type { HubCallSubject } from '../../hub/to-hub-error.ts'
import { describeAddress, splitAddress, type TwinAddress } from '../../hub/twin-address.ts'
import type { Send } from './send.ts'

/** Where the REST interface has the twin of a device or a module. */
export function twinPath(address: TwinAddress): string {
  const { deviceId, moduleId } = splitAddress(address)
  const device = `/twins/${encodeURIComponent(deviceId)}`
  return moduleId === undefined ? device : `${device}/modules/${encodeURIComponent(moduleId)}`
}

/** Device twins (wire reference 3). */
export function createTwinCalls(send: Send): TwinCalls {
  const write = async (
    method: 'PATCH' | 'PUT',
    address: TwinAddress,
    sections: TwinWrite,
    { etag, ...bounds }: HubWriteOptions,
  ): Promise<DeviceTwin> => {
    const subject: HubCallSubject = { description: `write to the twin of ${describeAddress(address)}`, effect: 'hub' }
    const headers = { 'If-Match': etag === undefined ? '*' : `"${etag}"` }
    const call = { method, path: twinPath(address), headers, body: twinBody(sections) }
    return parseDeviceTwin(subject, (await send(subject, call, bounds)).body)
  }
  return {
    async getTwin(address, options = {}) {
      const subject: HubCallSubject = { description: `twin of ${describeAddress(address)}`, effect: 'none' }
      const { body } = await send(subject, { method: 'GET', path: twinPath(address) }, options)
      return parseDeviceTwin(subject, body)
    },
    patchTwin: (address, patch, options = {}) => write('PATCH', address, patch, options),
    replaceTwin: (address, sections, options = {}) => write('PUT', address, sections, options),
  }
}

/** What a write of a twin looks like in the REST interface. */
export function twinBody({ tags, desired }: TwinWrite): JsonObject {
  return {
    ...(tags === undefined ? {} : { tags }),
    ...(desired === undefined ? {} : { properties: { desired } }),
  }
}
