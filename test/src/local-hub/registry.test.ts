import { startLocalHub } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { registryOf } from './azure-clients.ts'

describe('the official registry client', () => {
  it('creates, reads, lists, updates and deletes devices', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub)
    const { responseBody: created, httpResponse } = await registry.create({ deviceId: 'd#1' })
    expect(httpResponse.statusCode).toBe(200)
    expect(created).toMatchObject({ deviceId: 'd#1', status: 'enabled', authentication: { type: 'sas' } })
    await registry.create({ deviceId: 'd2' })
    expect((await registry.get('d#1')).responseBody.generationId).toBe(created.generationId)
    expect((await registry.list()).responseBody.map(device => device.deviceId)).toEqual(['d#1', 'd2'])
    const { responseBody: updated } = await registry.update({
      deviceId: 'd2',
      status: 'disabled',
      statusReason: 'lost',
    })
    expect(updated).toMatchObject({ status: 'disabled', statusReason: 'lost' })
    expect((await registry.getRegistryStatistics()).responseBody).toEqual({
      totalDeviceCount: 2,
      enabledDeviceCount: 1,
      disabledDeviceCount: 1,
    })
    await registry.delete('d2')
    expect((await registry.list()).responseBody).toHaveLength(1)
  })

  it('mints new keys when it updates without any', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub)
    const { responseBody: created } = await registry.create({ deviceId: 'd1' })
    const { responseBody: updated } = await registry.update({ deviceId: 'd1' })
    expect(updated.authentication?.symmetricKey?.primaryKey).not.toBe(created.authentication?.symmetricKey?.primaryKey)
  })

  it('gets its typed errors', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub)
    await registry.create({ deviceId: 'd1' })
    await expect(registry.create({ deviceId: 'd1' })).rejects.toMatchObject({ name: 'DeviceAlreadyExistsError' })
    await expect(registry.get('d2')).rejects.toMatchObject({ name: 'DeviceNotFoundError', message: 'd2' })
    await expect(registry.getTwin('d2')).rejects.toMatchObject({ name: 'DeviceNotFoundError' })
    await expect(registry.delete('d2')).rejects.toMatchObject({ name: 'DeviceNotFoundError' })
    await expect(registry.create({ deviceId: 'a b' })).rejects.toMatchObject({ name: 'ArgumentError' })
    await expect(registry.updateTwin('d1', { tags: { a: 1 } }, 'AAAAAAAAAAk=')).rejects.toMatchObject({
      name: 'InvalidEtagError',
    })
  })

  it('is refused with a forged key, or a policy that may not', async () => {
    await using hub = await startLocalHub()
    const forged = hub.connectionString().replace(/SharedAccessKey=.*/, 'SharedAccessKey=Zm9yZ2Vk')
    await expect(registryOf(hub, forged).list()).rejects.toMatchObject({ name: 'UnauthorizedError' })
    const reader = registryOf(hub, hub.connectionString('registryRead'))
    expect((await reader.list()).responseBody).toEqual([])
    await expect(reader.create({ deviceId: 'd1' })).rejects.toMatchObject({ name: 'UnauthorizedError' })
  })
})
