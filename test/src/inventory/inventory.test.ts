import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeviceAgent, implement } from '@iothub-dm/device'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { decodeInventory, defineContract, type Inventory } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import { registryOf } from '../local-hub/azure-clients.ts'

async function inventoryWhen(hub: LocalHub, matches: (inventory: Inventory) => boolean): Promise<Inventory> {
  for (;;) {
    const changed = hub.waitFor('reportedChanged')
    const { responseBody } = await registryOf(hub).getTwin('cam-1')
    const inventory = decodeInventory(responseBody.properties.reported)
    if (inventory !== undefined && matches(inventory)) return inventory
    await changed
  }
}

async function reportedVersion(hub: LocalHub): Promise<number> {
  const { responseBody } = await registryOf(hub).getTwin('cam-1')
  return responseBody.properties.reported.$version
}

describe('the inventory of a device at the local hub', () => {
  it('is there after the first session, is not sent again by a restart, and is found by a query', async () => {
    await using hub = await startLocalHub()
    const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-inventory-'))
    const connectionString = await hub.createDevice('cam-1')
    const open = async (swVersion: string): Promise<DeviceAgent> => {
      const agent = DeviceAgent.fromConnectionString(connectionString, implement(defineContract({}), {}), {
        stateDirectory: join(directory, 'state'),
        bootId: 'boot-1',
        ca: hub.caCertificate,
        endpoint: hub.mqttEndpoint,
        inventory: { manufacturer: 'Contoso', model: 'X1', swVersion },
      })
      await agent.open()
      return agent
    }
    {
      const agent = await open('1.0.0')
      expect(await inventoryWhen(hub, () => true)).toMatchObject({ model: 'X1', swVersion: '1.0.0' })
      await agent.close()
    }
    const version = await reportedVersion(hub)
    {
      // The third life comes after all that the second one has sent.
      await using agent = await open('1.0.0')
      await agent.close()
      expect(agent.reportedUpdates).toBe(0)
    }
    await using agent = await open('1.1.0')
    await inventoryWhen(hub, ({ swVersion }) => swVersion === '1.1.0')
    expect(agent.reportedUpdates).toBe(1)
    expect(await reportedVersion(hub)).toBe(version + 1)
    const query = "SELECT deviceId FROM devices WHERE properties.reported.deviceInformation.swVersion = '1.1.0'"
    const { result } = await registryOf(hub).createQuery(query).next('')
    expect(result).toEqual([{ deviceId: 'cam-1' }])
    await rm(directory, { recursive: true })
  })
})
