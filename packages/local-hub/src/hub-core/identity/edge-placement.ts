import { HubError } from '../error/hub-error.ts'

/** What a device is to the edge: a gateway with a scope of its own, a leaf in the scope of its parent, or neither. */
export interface EdgePlacement {
  readonly iotEdge: boolean
  /** The own scope of an edge device, the scope of the parent of a leaf, or null. */
  readonly deviceScope: string | null
  readonly parentScopes: readonly string[]
}

/** The modules that every edge device has from the start (wire reference 8.3). */
export const edgeSystemModules = ['$edgeAgent', '$edgeHub'] as const

/** Where a new device stands. An edge device gets a scope of its own, whatever was asked for (wire reference 8.3). */
export function initialPlacement(asked: EdgePlacement, deviceId: string, generationId: string): EdgePlacement {
  return asked.iotEdge ? { ...asked, deviceScope: scopeOf(deviceId, generationId) } : leafPlacement(asked.deviceScope)
}

/**
 * Where a device stands after an update. One that becomes an edge device gets a scope without generation; one that becomes a leaf
 * loses its parent (wire reference 8.3).
 *
 * @throws HubError 400 when the update does not repeat the scope of an edge device.
 */
export function updatedPlacement(asked: EdgePlacement, current: EdgePlacement, deviceId: string): EdgePlacement {
  if (!asked.iotEdge) return leafPlacement(current.iotEdge ? null : asked.deviceScope)
  if (!current.iotEdge) return { ...asked, deviceScope: scopeOf(deviceId, '') }
  if (asked.deviceScope !== current.deviceScope) throw new HubError('InvalidDeviceScope', 'Device scope is immutable.')
  return asked
}

function leafPlacement(parentScope: string | null): EdgePlacement {
  return { iotEdge: false, deviceScope: parentScope, parentScopes: parentScope === null ? [] : [parentScope] }
}

function scopeOf(deviceId: string, generationId: string): string {
  return `ms-azure-iot-edge://${deviceId}-${generationId}`
}
