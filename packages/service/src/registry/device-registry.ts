import type { HubCallOptions, IotHub, TwinWrite } from '../hub/iot-hub.ts'

/** How a device is made. */
export interface CreateDeviceOptions extends HubCallOptions {
  /**
   * Whether it may connect.
   *
   * @default 'enabled'
   */
  readonly status?: 'enabled' | 'disabled' | undefined
  /** Tags that it has from the beginning, to be found by. */
  readonly tags?: TwinWrite['tags']
}

/**
 * The identities of devices, as far as managing them takes. It needs the permissions RegistryRead and RegistryWrite; keys and
 * certificates are for `azure-iothub`.
 */
export interface DeviceRegistry {
  /**
   * Makes a device; the hub makes its keys.
   *
   * @throws HubError `AlreadyExists` where there is one
   * @throws RangeError when the hub would not take the id
   */
  create(deviceId: string, options?: CreateDeviceOptions): Promise<void>
  /** Lets a device connect again. */
  enable(deviceId: string, options?: HubCallOptions): Promise<void>
  /** Ends the connection of a device, and lets it connect no more; its twin stays. */
  disable(deviceId: string, options?: HubCallOptions): Promise<void>
  /** Deletes a device with its twin. */
  delete(deviceId: string, options?: HubCallOptions): Promise<void>
}

/** Makes the registry of a hub. */
export function createDeviceRegistry(hub: IotHub): DeviceRegistry {
  return Object.freeze<DeviceRegistry>({
    async create(deviceId, { status = 'enabled', tags, ...bounds } = {}) {
      await hub.createDevice(deviceId, { ...bounds, status })
      if (tags !== undefined) await hub.patchTwin(deviceId, { tags }, bounds)
    },
    enable: (deviceId, options) => hub.setDeviceStatus(deviceId, 'enabled', options),
    disable: (deviceId, options) => hub.setDeviceStatus(deviceId, 'disabled', options),
    delete: (deviceId, options) => hub.deleteDevice(deviceId, options),
  })
}
