import type { JsonObject } from '@iothub-dm/protocol'
import { isHubError } from '../../hub/hub-error.ts'
import type { DeviceTwin, HubCallOptions, RegistryCalls, TwinCalls } from '../../hub/iot-hub.ts'
import { decodeControlRecord, encodeControlRecord } from './control-codec.ts'
import type { ControlRecord } from './control-record.ts'

/** Ids of control devices begin with it; a rollout leaves all of them alone. */
export const controlDevicePrefix = 'iothub-dm-rollout-'

/** A record, and the ETag that it had in the hub. */
export interface StoredRecord {
  readonly record: ControlRecord
  readonly etag: string
}

/** Where the record of a rollout is kept: the twin of a device that cannot connect. */
export class ControlTwin {
  readonly rolloutId: string
  readonly #hub: TwinCalls & RegistryCalls

  constructor(hub: TwinCalls & RegistryCalls, rolloutId: string) {
    this.#hub = hub
    this.rolloutId = rolloutId
  }

  get #deviceId(): string {
    return `${controlDevicePrefix}${this.rolloutId}`
  }

  /**
   * Makes the device where there is none; its twin may be empty, or have a record already.
   *
   * @throws HubError when the hub does not let it
   */
  async create(options?: HubCallOptions): Promise<void> {
    try {
      await this.#hub.createDevice(this.#deviceId, { ...options, status: 'disabled' })
    } catch (error) {
      if (!isHubError(error, 'AlreadyExists')) throw error
    }
  }

  /**
   * @returns the record, undefined in an empty twin; undefined where there is no device
   * @throws RolloutDamagedError
   */
  async read(
    options?: HubCallOptions,
  ): Promise<{ readonly record: ControlRecord | undefined; readonly etag: string } | undefined> {
    let twin: DeviceTwin
    try {
      twin = await this.#hub.getTwin(this.#deviceId, options)
    } catch (error) {
      if (isHubError(error, 'DeviceNotFound')) return undefined
      throw error
    }
    return { record: decodeControlRecord(this.rolloutId, twin.desired), etag: twin.etag }
  }

  /**
   * Puts a record in the place of the one that had this ETag.
   *
   * @returns the new ETag; undefined when somebody else was faster
   * @throws HubError when it is not known, or known not to, have been written
   */
  async write(record: ControlRecord, etag: string, options?: HubCallOptions): Promise<string | undefined> {
    const tags: JsonObject = { iothubDM: { role: 'rollout', action: record.plan.action } }
    const desired = encodeControlRecord(record)
    try {
      return (await this.#hub.replaceTwin(this.#deviceId, { tags, desired }, { ...options, etag })).etag
    } catch (error) {
      if (isHubError(error, 'PreconditionFailed')) return undefined
      throw error
    }
  }
}
