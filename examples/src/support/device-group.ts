import { join } from 'node:path'
import type { DeviceAgentOptions, Implementation } from '@iothub-dm/device'
import type { Stage } from './play.ts'
import { RestartingDevice } from './restarting-device.ts'

/** What a device of a group has of its own. */
export interface GroupDeviceOptions {
  readonly tags?: Readonly<Record<string, string>>
  readonly agent?: Omit<Partial<DeviceAgentOptions>, 'stateDirectory' | 'bootId'>
}

/** Several devices in this process, which end together. */
export class DeviceGroup implements AsyncDisposable {
  readonly #stage: Pick<Stage, 'hub' | 'directory'>
  readonly #devices: RestartingDevice[] = []

  constructor(stage: Pick<Stage, 'hub' | 'directory'>) {
    this.#stage = stage
  }

  /**
   * Makes a device, and waits until it is connected.
   *
   * @param software told how to restart its device
   * @returns its id
   */
  async start(
    name: string,
    software: (restart: () => void) => Implementation,
    { tags, agent }: GroupDeviceOptions = {},
  ): Promise<string> {
    const { hub, directory } = this.#stage
    const { deviceId, connectionString } = await hub.createDevice(name, tags)
    const options = { ...hub.deviceSide, ...agent, stateDirectory: join(directory, name) }
    const device = new RestartingDevice(connectionString, software, options)
    this.#devices.push(device)
    await device.start()
    return deviceId
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#devices.map(device => device[Symbol.asyncDispose]()))
  }
}
