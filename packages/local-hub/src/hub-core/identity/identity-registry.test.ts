import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../clock/manual-clock.ts'
import type { IdentitySettings } from './device-identity.ts'
import { IdentityRegistry } from './identity-registry.ts'

const enabled: IdentitySettings = {
  status: 'enabled',
  statusReason: null,
  authentication: { type: 'certificateAuthority' },
  iotEdge: false,
  deviceScope: null,
  parentScopes: [],
}
const any = { kind: 'any' } as const
const none = { kind: 'none' } as const

function newRegistry(): { registry: IdentityRegistry; clock: ManualClock } {
  const clock = new ManualClock(0)
  return { clock, registry: new IdentityRegistry(clock, randomBytes) }
}

describe('IdentityRegistry', () => {
  it.each(['d', "aZ0-:.+%_#*?!(),=@;$'", 'x'.repeat(128)])('accepts the id %s', deviceId => {
    expect(newRegistry().registry.create(deviceId, enabled).deviceId).toBe(deviceId)
  })

  it.each(['', 'a b', 'a/b', 'ä', 'x'.repeat(129)])('refuses the id "%s"', deviceId => {
    expect(() => newRegistry().registry.create(deviceId, enabled)).toThrow(expect.objectContaining({ status: 400 }))
  })

  it('does not create what exists', () => {
    const { registry } = newRegistry()
    registry.create('d1', enabled)
    expect(() => registry.create('d1', enabled)).toThrow(
      expect.objectContaining({ status: 409, message: "A device with ID 'd1' is already registered." }),
    )
    expect(registry.create('D1', enabled).deviceId).toBe('D1')
  })

  it('gives a device that is created again another generation, also within one tick of the clock', () => {
    const { registry } = newRegistry()
    const first = registry.create('d1', enabled)
    registry.delete('d1', any)
    expect(registry.create('d1', enabled).generationId).not.toBe(first.generationId)
    expect(first.generationId).toBe('621355968000000000')
  })

  it('updates under the current etag only, and changes it', () => {
    const { registry } = newRegistry()
    const created = registry.create('d1', enabled)
    const updated = registry.update('d1', enabled, { kind: 'etag', etag: created.etag })
    expect(updated.etag).not.toBe(created.etag)
    expect(() => registry.update('d1', enabled, { kind: 'etag', etag: created.etag })).toThrow(
      expect.objectContaining({ status: 412 }),
    )
    expect(() => registry.update('d2', enabled, any)).toThrow(expect.objectContaining({ status: 404, message: 'd2' }))
  })

  it('notes when the status changed', () => {
    const { registry, clock } = newRegistry()
    registry.create('d1', enabled)
    clock.advance(5)
    expect(registry.update('d1', enabled, any).statusUpdatedAt).toBeUndefined()
    expect(registry.update('d1', { ...enabled, status: 'disabled' }, any).statusUpdatedAt).toBe(5)
    expect(registry.statistics()).toEqual({ totalDeviceCount: 1, enabledDeviceCount: 0, disabledDeviceCount: 1 })
  })

  it('deletes under a condition only', () => {
    const { registry } = newRegistry()
    registry.create('d1', enabled)
    expect(() => registry.delete('d1', none)).toThrow(expect.objectContaining({ status: 412, message: 'Etag missing' }))
    expect(() => registry.delete('d1', { kind: 'etag', etag: 'x' })).toThrow(expect.objectContaining({ status: 412 }))
    registry.delete('d1', any)
    expect(() => registry.delete('d1', any)).toThrow(expect.objectContaining({ status: 404, code: 'DeviceNotFound' }))
  })

  it('lists at most as many as asked for, and never more than 1000', () => {
    const { registry } = newRegistry()
    for (let index = 0; index < 1001; index += 1) registry.create(`d${index}`, enabled)
    expect(registry.list(2)).toHaveLength(2)
    expect(registry.list(5000)).toHaveLength(1000)
  })
})
