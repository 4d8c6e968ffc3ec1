import type { DeviceTwin, HubCallOptions, HubWriteOptions, TwinCalls, TwinWrite } from '../hub/iot-hub.ts'
import { type UpdateTwinOptions, updateTwin } from './update-twin.ts'

/** The twin of one device, as it is: for what the contract does not cover, such as tags. */
export interface TwinClient {
  /** @throws HubError when the twin cannot be read */
  get(options?: HubCallOptions): Promise<DeviceTwin>
  /**
   * Merges into tags and desired properties; null deletes.
   *
   * @throws HubError `PreconditionFailed` when the twin has another ETag than the one given, `InvalidHubRequest` for what the hub
   * does not take
   * @example
   * ```ts
   * await fleet.getDeviceClient('cam-1').twin.patch({ tags: { site: 'oslo' } })
   * ```
   */
  patch(patch: TwinWrite, options?: HubWriteOptions): Promise<DeviceTwin>
  /** Puts new tags and desired properties in the place of all old ones; a section that is left out is emptied. */
  replace(sections: TwinWrite, options?: HubWriteOptions): Promise<DeviceTwin>
  /**
   * Reads the twin, changes it, and writes the change only if nobody has written in between; otherwise from the start.
   *
   * @param change told the twin, gives the patch; undefined leaves everything as it is. It may be called more than once
   * @throws HubError `PreconditionFailed` when others were faster every time
   * @example
   * ```ts
   * await cam1.twin.update(({ tags }) => ({ tags: { visits: Number(tags.visits ?? 0) + 1 } }))
   * ```
   */
  update(change: (twin: DeviceTwin) => TwinWrite | undefined, options?: UpdateTwinOptions): Promise<DeviceTwin>
}

/** Makes a client for the twin of a device. */
export function createTwinClient(hub: TwinCalls, deviceId: string): TwinClient {
  return Object.freeze({
    get: (options?: HubCallOptions) => hub.getTwin(deviceId, options),
    patch: (patch: TwinWrite, options?: HubWriteOptions) => hub.patchTwin(deviceId, patch, options),
    replace: (sections: TwinWrite, options?: HubWriteOptions) => hub.replaceTwin(deviceId, sections, options),
    update: (change: (twin: DeviceTwin) => TwinWrite | undefined, options?: UpdateTwinOptions) =>
      updateTwin(hub, deviceId, change, options),
  })
}
