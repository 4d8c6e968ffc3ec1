import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { AzureDevice, registryOf, report } from './azure-clients.ts'

/** The registry of a hub with `d1` to `d5`, of which the odd ones stand in Oslo. */
async function fleet(hub: LocalHub): Promise<ReturnType<typeof registryOf>> {
  const registry = registryOf(hub)
  for (let index = 1; index <= 5; index += 1) {
    await hub.createDevice(`d${index}`)
    await registry.updateTwin(`d${index}`, { tags: { site: index % 2 === 1 ? 'oslo' : 'bergen', index } }, '*')
  }
  return registry
}

describe('the official registry client', () => {
  it('pages through a query', async () => {
    await using hub = await startLocalHub()
    const registry = await fleet(hub)
    const query = registry.createQuery("SELECT deviceId, tags.index FROM devices WHERE tags.site = 'oslo'", 2)
    const first = await query.next()
    expect(first.result).toEqual([
      { deviceId: 'd1', index: 1 },
      { deviceId: 'd3', index: 3 },
    ])
    expect(query.hasMoreResults).toBe(true)
    const second = await query.next(query.continuationToken)
    expect(second.result).toEqual([{ deviceId: 'd5', index: 5 }])
    expect(query.hasMoreResults).toBe(false)
  })

  it('gets twins that it can write', async () => {
    await using hub = await startLocalHub()
    const registry = await fleet(hub)
    const query = registry.createQuery('SELECT * FROM devices', 3)
    const sites: unknown[] = []
    while (query.hasMoreResults) {
      const { result } = await query.nextAsTwin()
      for (const twin of result) {
        sites.push(twin.tags.site)
        await twin.update({ properties: { desired: { seen: true } } })
      }
    }
    expect(sites).toEqual(['oslo', 'bergen', 'oslo', 'bergen', 'oslo'])
    const seen = registry.createQuery('SELECT COUNT() AS total FROM devices WHERE properties.desired.seen')
    expect((await seen.next()).result).toEqual([{ total: 5 }])
  })

  it('sees at once what a device reports', async () => {
    await using hub = await startLocalHub()
    const registry = await fleet(hub)
    const offline = registry.createQuery(
      `SELECT properties.reported.firmware.status AS status, COUNT() AS devices FROM devices
       WHERE tags.index IN [1, 6] OR connectionState = 'Connected' GROUP BY properties.reported.firmware.status`,
    )
    expect((await offline.next()).result).toEqual([{ devices: 1 }])
    await using device = await AzureDevice.open(hub, 'd6')
    await report(await device.client.getTwin(), { firmware: { status: 'rebooting' } })
    expect((await offline.next()).result).toEqual([{ devices: 1 }, { status: 'rebooting', devices: 1 }])
  })

  it('learns what is wrong with a query', async () => {
    await using hub = await startLocalHub()
    const refused = registryOf(hub).createQuery("SELECT * FROM devices WHERE tags.group = 'a'").next()
    await expect(refused).rejects.toMatchObject({
      name: 'ArgumentError',
      message: expect.stringContaining('BadRequest, expected a name, got the reserved word'),
    })
  })
})
