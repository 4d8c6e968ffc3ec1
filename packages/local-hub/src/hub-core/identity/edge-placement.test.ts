import { describe, expect, it } from 'vitest'
import { type EdgePlacement, initialPlacement, updatedPlacement } from './edge-placement.ts'

const leaf = (deviceScope: string | null = null): EdgePlacement => ({ iotEdge: false, deviceScope, parentScopes: [] })
const edge = (deviceScope: string | null = null, parentScopes: readonly string[] = []): EdgePlacement => ({
  iotEdge: true,
  deviceScope,
  parentScopes,
})
const scope = 'ms-azure-iot-edge://e1-638'
const parent = 'ms-azure-iot-edge://p1-637'

describe('a new device', () => {
  it('that is an edge device gets a scope of its own, whatever it asked for', () => {
    expect(initialPlacement(edge('mine', [parent]), 'e1', '638')).toEqual(edge(scope, [parent]))
  })

  it('that is a leaf has the scope of its parent twice, and nothing without one', () => {
    expect(initialPlacement(leaf(parent), 'd1', '1')).toEqual({ ...leaf(parent), parentScopes: [parent] })
    expect(initialPlacement({ ...leaf(), parentScopes: [parent] }, 'd1', '1')).toEqual(leaf())
  })
})

describe('an update', () => {
  it('of an edge device must repeat its scope; parents come and go', () => {
    expect(updatedPlacement(edge(scope, [parent]), edge(scope), 'e1')).toEqual(edge(scope, [parent]))
    expect(updatedPlacement(edge(scope), edge(scope, [parent]), 'e1')).toEqual(edge(scope))
    for (const other of [null, parent]) {
      expect(() => updatedPlacement(edge(other), edge(scope), 'e1')).toThrow(
        expect.objectContaining({ status: 400, code: 'InvalidDeviceScope' }),
      )
    }
  })

  it('that makes an edge device makes a scope without generation', () => {
    expect(updatedPlacement(edge(), leaf(), 'e1')).toEqual(edge('ms-azure-iot-edge://e1-'))
  })

  it('that makes a leaf drops the parent', () => {
    expect(updatedPlacement({ ...edge(scope, [parent]), iotEdge: false }, edge(scope), 'e1')).toEqual(leaf())
  })

  it('of a leaf sets and removes its parent', () => {
    const child = { ...leaf(parent), parentScopes: [parent] }
    expect(updatedPlacement(leaf(parent), leaf(), 'd1')).toEqual(child)
    expect(updatedPlacement({ ...leaf(), parentScopes: [parent] }, child, 'd1')).toEqual(leaf())
  })
})
