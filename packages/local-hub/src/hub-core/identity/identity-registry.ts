import type { Clock } from '../clock/clock.ts'
import { HubError } from '../error/hub-error.ts'
import { assertPrecondition, type Precondition } from '../precondition/if-match.ts'
import type { RandomSource } from '../random-source.ts'
import { assertDeviceId } from './device-id.ts'
import type { DeviceIdentity, IdentitySettings } from './device-identity.ts'
import { initialPlacement, updatedPlacement } from './edge-placement.ts'
import { IdentityStamps } from './identity-stamps.ts'

/** How many identities a list returns at most (wire reference 8.6). */
export const maxListedIdentities = 1000

/** How many devices there are, by status. */
export interface RegistryStatistics {
  readonly totalDeviceCount: number
  readonly enabledDeviceCount: number
  readonly disabledDeviceCount: number
}

/** The device identities of the hub and the conditions under which they are written (wire reference 2.5, 8). */
export class IdentityRegistry {
  readonly #clock: Clock
  readonly #stamps: IdentityStamps
  readonly #devices: Map<string, DeviceIdentity>

  /** @param devices where they are kept, by id. */
  constructor(clock: Clock, random: RandomSource, devices: Map<string, DeviceIdentity> = new Map()) {
    this.#devices = devices
    this.#clock = clock
    this.#stamps = new IdentityStamps(clock, random)
  }

  find(deviceId: string): DeviceIdentity | undefined {
    return this.#devices.get(deviceId)
  }

  /** @throws HubError `DeviceNotFound` (404). */
  get(deviceId: string): DeviceIdentity {
    const device = this.#devices.get(deviceId)
    if (device === undefined) throw new HubError('DeviceNotFound', deviceId)
    return device
  }

  list(limit: number): readonly DeviceIdentity[] {
    return [...this.#devices.values()].slice(0, Math.min(limit, maxListedIdentities))
  }

  /** Every identity, in the order of creation. */
  all(): Iterable<DeviceIdentity> {
    return this.#devices.values()
  }

  statistics(): RegistryStatistics {
    const totalDeviceCount = this.#devices.size
    const disabledDeviceCount = [...this.#devices.values()].filter(device => device.status === 'disabled').length
    return { totalDeviceCount, enabledDeviceCount: totalDeviceCount - disabledDeviceCount, disabledDeviceCount }
  }

  /** @throws HubError 400 for an illegal id, 409 `DeviceAlreadyExists`. */
  create(deviceId: string, settings: IdentitySettings): DeviceIdentity {
    assertDeviceId(deviceId)
    if (this.#devices.has(deviceId)) {
      throw new HubError('DeviceAlreadyExists', `A device with ID '${deviceId}' is already registered.`)
    }
    const generationId = this.#stamps.nextGenerationId()
    const device: DeviceIdentity = {
      deviceId,
      ...settings,
      ...initialPlacement(settings, deviceId, generationId),
      generationId,
      etag: this.#stamps.nextEtag(),
      statusUpdatedAt: undefined,
    }
    this.#devices.set(deviceId, device)
    return device
  }

  /** @throws HubError 400 for another scope, 404 when the device does not exist, 412 when the etag is stale. */
  update(deviceId: string, settings: IdentitySettings, precondition: Precondition): DeviceIdentity {
    const current = this.get(deviceId)
    assertPrecondition(precondition, current.etag)
    const device: DeviceIdentity = {
      ...current,
      ...settings,
      ...updatedPlacement(settings, current, deviceId),
      etag: this.#stamps.nextEtag(),
      statusUpdatedAt: settings.status === current.status ? current.statusUpdatedAt : this.#clock.now(),
    }
    this.#devices.set(deviceId, device)
    return device
  }

  /** @throws HubError 412 without a precondition or with a stale etag, 404 when the device does not exist. */
  delete(deviceId: string, precondition: Precondition): void {
    if (precondition.kind === 'none') throw new HubError('PreconditionFailed', 'Etag missing')
    assertPrecondition(precondition, this.get(deviceId).etag)
    this.#devices.delete(deviceId)
  }
}
