import { startLocalHub } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { AzureDevice, desiredAt, registryOf, report } from './azure-clients.ts'

describe('the official clients and a twin', () => {
  it('exchange desired and reported properties', async () => {
    await using hub = await startLocalHub()
    const registry = registryOf(hub)
    await using device = await AzureDevice.open(hub, 'd1')
    const twin = await device.client.getTwin()
    await device.onDesired(twin, () => {})

    const told = desiredAt(twin, 2)
    const desired = { interval: 5, window: { from: '22:00', days: [1, 2] } }
    const { responseBody: patched } = await registry.updateTwin(
      'd1',
      { tags: { site: 'oslo' }, properties: { desired } },
      '*',
    )
    expect(await told).toEqual({ ...desired, $version: 2 })
    await report(twin, { interval: 5, battery: 0.5 })
    await report(twin, { battery: null })

    const { responseBody: document } = await registry.getTwin('d1')
    expect(document).toMatchObject({
      deviceId: 'd1',
      connectionState: 'Connected',
      etag: patched.etag,
      version: 5,
      tags: { site: 'oslo' },
      properties: { desired: { ...desired, $version: 2 }, reported: { interval: 5, $version: 3 } },
    })
    expect(document.properties.reported).not.toHaveProperty('battery')
    expect(document.properties.desired.$metadata.window.from.$lastUpdatedVersion).toBe(2)
  })

  it('learn by the etag that somebody else was faster', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const registry = registryOf(hub)
    const { responseBody: read } = await registry.getTwin('d1')
    const { responseBody: patched } = await registry.updateTwin('d1', { tags: { a: 1 } }, read.etag)
    await expect(registry.updateTwin('d1', { tags: { a: 2 } }, read.etag)).rejects.toMatchObject({
      name: 'InvalidEtagError',
    })
    expect((await registry.getTwin('d1')).responseBody).toMatchObject({ etag: patched.etag, tags: { a: 1 } })
  })

  it.each([
    ['an illegal key', { 'a.b': 1 }, /invalid characters/],
    ['too much', Object.fromEntries(Array.from({ length: 9 }, (_, index) => [index, 'x'.repeat(4096)])), /maximum/],
    ['too deep', JSON.parse(`${'{"a":'.repeat(12)}1${'}'.repeat(12)}`), /deeper than 10 levels/],
  ])('are told when the device reports %s', async (_name, patch, message) => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.open(hub, 'd1')
    const twin = await device.client.getTwin()
    await expect(report(twin, patch)).rejects.toThrow(message)
    await report(twin, { fine: true })
    expect((await registryOf(hub).getTwin('d1')).responseBody.properties.reported).toMatchObject({
      fine: true,
      $version: 2,
    })
  })

  it('are told when the service writes something illegal', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const refused = registryOf(hub).updateTwin('d1', { properties: { desired: { 'a.b': 1 } } }, '*')
    await expect(refused).rejects.toMatchObject({
      name: 'ArgumentError',
      responseBody: expect.stringMatching(/400004.*a\.b/),
    })
  })
})
