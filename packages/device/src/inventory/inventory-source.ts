import { arch, release, totalmem, type } from 'node:os'
import type { DeviceInformation, Inventory } from '@iothub-dm/protocol'
import packageJson from '../../package.json' with { type: 'json' }

/** Where the inventory of a device comes from: what it is, or a function that tells. */
export type InventorySource = DeviceInformation | (() => DeviceInformation | Promise<DeviceInformation>)

/** The inventory of this machine, with what the app knows better. */
export function completeInventory(own: DeviceInformation): Inventory {
  return {
    osName: `${type()} ${release()}`,
    processorArchitecture: arch(),
    totalMemory: Math.round(totalmem() / 1024),
    ...checkInformation(own),
    agentVersion: packageJson.version,
  }
}

/** @throws TypeError that names the member, what was expected, and what came */
export function checkInventorySource(source: InventorySource | undefined): void {
  if (source !== undefined && typeof source !== 'function') checkInformation(source)
}

const maxLength = 256

const expected: { readonly [TName in keyof Required<DeviceInformation>]: 'string' | 'number' } = {
  manufacturer: 'string',
  model: 'string',
  swVersion: 'string',
  osName: 'string',
  processorArchitecture: 'string',
  processorManufacturer: 'string',
  totalStorage: 'number',
  totalMemory: 'number',
}

function checkInformation(information: DeviceInformation): DeviceInformation {
  if (typeof information !== 'object' || information === null) {
    throw new TypeError(`inventory: expected an object or a function, got ${JSON.stringify(information)}`)
  }
  const members: readonly [string, unknown][] = Object.entries(information)
  const kinds: ReadonlyMap<string, string> = new Map(Object.entries(expected))
  for (const [name, value] of members) {
    const kind = kinds.get(name)
    if (kind === undefined) throw new TypeError(`inventory.${name}: is no member of the interface DeviceInformation`)
    if (value === undefined) continue
    const fits = kind === 'number' ? Number.isFinite(value) : typeof value === 'string' && value.length <= maxLength
    if (!fits) {
      const what = kind === 'number' ? 'a finite number of kilobytes' : `a text of at most ${maxLength} characters`
      throw new TypeError(`inventory.${name}: expected ${what}, got ${typeof value}`)
    }
  }
  return information
}
