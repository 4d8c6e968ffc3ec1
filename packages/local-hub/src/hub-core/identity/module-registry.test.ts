import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../clock/manual-clock.ts'
import type { ModuleSettings } from './module-identity.ts'
import { ModuleRegistry, maxModulesPerDevice } from './module-registry.ts'

const settings: ModuleSettings = { managedBy: null, authentication: { type: 'certificateAuthority' } }
const any = { kind: 'any' } as const

function newRegistry(): ModuleRegistry {
  return new ModuleRegistry(new ManualClock(0), randomBytes)
}

describe('ModuleRegistry', () => {
  it('keeps modules by device', () => {
    const registry = newRegistry()
    registry.create('d1', 'm1', settings)
    registry.create('d1', 'm2', settings)
    registry.create('d2', 'm1', settings)
    expect(registry.listOf('d1').map(module => module.moduleId)).toEqual(['m1', 'm2'])
    expect([...registry.all()]).toHaveLength(3)
    registry.deleteAllOf('d1')
    expect(registry.listOf('d1')).toEqual([])
    expect(registry.get('d2', 'm1').deviceId).toBe('d2')
  })

  it.each(['', 'a b', 'a/b', '$edgeAgent', 'x'.repeat(129)])('refuses the id "%s"', moduleId => {
    expect(() => newRegistry().create('d1', moduleId, settings)).toThrow(expect.objectContaining({ status: 400 }))
  })

  it('does not create what exists', () => {
    const registry = newRegistry()
    registry.create('d1', 'telemetry', settings)
    expect(() => registry.create('d1', 'telemetry', settings)).toThrow(
      expect.objectContaining({ number: 409301, message: 'Device d1 already contains Module telemetry.' }),
    )
  })

  it('gives a device no more modules than it may have', () => {
    const registry = newRegistry()
    for (let index = 0; index < maxModulesPerDevice; index += 1) registry.create('d1', `m${index}`, settings)
    expect(() => registry.create('d1', 'more', settings)).toThrow(
      expect.objectContaining({ code: 'TooManyModulesOnDevice' }),
    )
    expect(registry.create('d2', 'more', settings).moduleId).toBe('more')
  })

  it('creates the system modules of an edge device once', () => {
    const registry = newRegistry()
    expect(registry.createSystemModules('e1').map(module => module.moduleId)).toEqual(['$edgeAgent', '$edgeHub'])
    expect(registry.createSystemModules('e1')).toEqual([])
    expect(registry.get('e1', '$edgeHub')).toMatchObject({ managedBy: 'iotEdge', authentication: { type: 'none' } })
  })

  it('updates and deletes under the current etag only', () => {
    const registry = newRegistry()
    const created = registry.create('d1', 'm1', settings)
    const stale = { kind: 'etag', etag: created.etag } as const
    const updated = registry.update('d1', 'm1', { ...settings, managedBy: 'me' }, stale)
    expect(updated).toMatchObject({ managedBy: 'me', generationId: created.generationId })
    const refused = expect.objectContaining({ status: 412 })
    expect(() => registry.update('d1', 'm1', settings, stale)).toThrow(refused)
    expect(() => registry.delete('d1', 'm1', stale)).toThrow(refused)
    expect(() => registry.delete('d1', 'm1', { kind: 'none' })).toThrow(refused)
    registry.delete('d1', 'm1', any)
    expect(() => registry.delete('d1', 'm1', any)).toThrow(expect.objectContaining({ number: 404010 }))
  })
})
