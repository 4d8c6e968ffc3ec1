import { isJsonObject, type JsonObject } from '../../json/json-value.ts'
import { operationSection, reportedRoot } from '../../operation/reported-section.ts'

/**
 * What a device is, in the names of the standard interface `dtmi:azure:DeviceManagement:DeviceInformation;1` (Azure/iot-plugandplay-models),
 * so that every tool which knows Plug and Play knows them.
 */
export interface DeviceInformation {
  /** Who made the device, such as `Contoso`. */
  readonly manufacturer?: string | undefined
  /** Name or id of the model. */
  readonly model?: string | undefined
  /** Version of the software, or firmware, that runs on the device. */
  readonly swVersion?: string | undefined
  /** Name of the operating system. */
  readonly osName?: string | undefined
  /** Architecture of the processor, such as `arm64`. */
  readonly processorArchitecture?: string | undefined
  /** Who made the processor. */
  readonly processorManufacturer?: string | undefined
  /** Storage in kilobytes. */
  readonly totalStorage?: number | undefined
  /** Memory in kilobytes. */
  readonly totalMemory?: number | undefined
}

/** What a device is, and which agent runs on it. */
export interface Inventory extends DeviceInformation {
  /** Version of the device package of this library. */
  readonly agentVersion?: string | undefined
}

/** The component in which a device describes itself, by the convention of Microsoft's samples. */
export const inventoryComponent = 'deviceInformation'

/** The section of `iothubDM` that describes the agent; no action can have its name. */
export const agentSection = 'agent'

const texts = [
  'manufacturer',
  'model',
  'swVersion',
  'osName',
  'processorArchitecture',
  'processorManufacturer',
] as const satisfies readonly (keyof DeviceInformation)[]
const numbers = ['totalStorage', 'totalMemory'] as const satisfies readonly (keyof DeviceInformation)[]

/**
 * The reported properties as they should be with an inventory: the component, and the version of the agent. Members of the component
 * that the interface does not have are left alone.
 *
 * @param reported the reported properties as the hub has them
 * @example
 * ```ts
 * encodeInventory({ model: 'X1', agentVersion: '0.2.0' }, {})
 * // { deviceInformation: { __t: 'c', model: 'X1' }, iothubDM: { agent: { version: '0.2.0' } } }
 * ```
 */
export function encodeInventory(inventory: Inventory, reported: JsonObject): JsonObject {
  const { agentVersion } = inventory
  const foreign = Object.entries(objectAt(reported, inventoryComponent)).filter(([name]) => !isStandard(name))
  const known = [...texts, ...numbers].flatMap(name => {
    const value = inventory[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  const component = { ...Object.fromEntries(foreign), __t: 'c', ...Object.fromEntries(known) }
  return {
    ...reported,
    [inventoryComponent]: component,
    ...(agentVersion === undefined
      ? {}
      : { [reportedRoot]: { ...objectAt(reported, reportedRoot), [agentSection]: { version: agentVersion } } }),
  }
}

/**
 * Reads what a device says of itself, whatever software wrote it.
 *
 * @param reported the reported properties
 * @returns undefined when it says nothing; members of another type than the interface has are left out
 * @example
 * ```ts
 * decodeInventory({ deviceInformation: { __t: 'c', model: 'X1' } }) // { model: 'X1' }
 * ```
 */
export function decodeInventory(reported: JsonObject): Inventory | undefined {
  const component = objectAt(reported, inventoryComponent)
  const { version } = operationSection(reported, agentSection)
  const members = [
    ...texts.filter(name => typeof component[name] === 'string'),
    ...numbers.filter(name => typeof component[name] === 'number'),
  ].map(name => [name, component[name]] as const)
  const inventory: Inventory = {
    ...Object.fromEntries(members),
    ...(typeof version === 'string' ? { agentVersion: version } : {}),
  }
  return Object.keys(inventory).length === 0 ? undefined : inventory
}

function isStandard(name: string): boolean {
  return name === '__t' || [...texts, ...numbers].some(standard => standard === name)
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return isJsonObject(value) ? value : {}
}
