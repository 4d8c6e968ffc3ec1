import { arch, release, type } from 'node:os'
import { decodeInventory, defineContract } from '@iothub-dm/protocol'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { MemoryHub } from '../../test/memory-hub.ts'
import { temporaryDirectory, until } from '../../test/simulated-life.ts'
import { DeviceAgent } from '../agent/device-agent.ts'
import { implement } from '../implementation/implement.ts'
import type { InventorySource } from './inventory-source.ts'

const implementation = implement(defineContract({}), {})

/** An agent at a hub, on a state directory. */
function makeAgent(hub: MemoryHub, stateDirectory: string, inventory: InventorySource | undefined): DeviceAgent {
  return new DeviceAgent(implementation, { stateDirectory, bootId: 'boot-1', inventory }, hub.connect)
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise(resolve => setImmediate(resolve))
}

describe('the inventory of an agent', () => {
  it('is reported once, over sessions and restarts, and again when it has changed', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    const own = { manufacturer: 'Contoso', model: 'X1', swVersion: '1.0.0' }
    {
      await using agent = makeAgent(hub, directory.path, own)
      await agent.open()
      await until(() => decodeInventory(hub.reported) !== undefined)
      expect(decodeInventory(hub.reported)).toEqual({
        ...own,
        osName: `${type()} ${release()}`,
        processorArchitecture: arch(),
        totalMemory: expect.any(Number),
        agentVersion: packageJson.version,
      })
      hub.renew()
      await settled()
      expect(agent.reportedUpdates).toBe(1)
    }
    {
      await using agent = makeAgent(hub, directory.path, own)
      await agent.open()
      await settled()
      expect(agent.reportedUpdates).toBe(0)
    }
    await using agent = makeAgent(hub, directory.path, { ...own, swVersion: '2.0.0', osName: 'RTOS' })
    await agent.open()
    await until(() => decodeInventory(hub.reported)?.swVersion === '2.0.0')
    await settled()
    expect(agent.reportedUpdates).toBe(1)
    expect(decodeInventory(hub.reported)?.osName).toBe('RTOS')
  })

  it('is reported to a twin that was made anew', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    await using agent = makeAgent(hub, directory.path, { model: 'X1' })
    await agent.open()
    await until(() => decodeInventory(hub.reported) !== undefined)
    hub.reported = {}
    hub.renew()
    await until(() => decodeInventory(hub.reported)?.model === 'X1')
  })

  it('is asked for again at every session where it is a function, and one that fails changes nothing', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    let swVersion = '1'
    const errors: unknown[] = []
    await using agent = makeAgent(hub, directory.path, async () => {
      if (swVersion === '') throw new Error('unknown')
      return { swVersion }
    })
    agent.on('error', error => errors.push(error))
    await agent.open()
    await until(() => decodeInventory(hub.reported)?.swVersion === '1')
    swVersion = ''
    hub.renew()
    await until(() => errors.length > 0)
    expect(decodeInventory(hub.reported)?.swVersion).toBe('1')
    swVersion = '2'
    hub.renew()
    await until(() => decodeInventory(hub.reported)?.swVersion === '2')
  })

  it('is not reported unless the app wants it', async () => {
    await using directory = await temporaryDirectory()
    const hub = new MemoryHub()
    await using agent = makeAgent(hub, directory.path, undefined)
    await agent.open()
    await settled()
    expect(hub.reported).toEqual({})
  })

  it.each([
    [{ model: 5 }, 'inventory.model: expected a text of at most 256 characters, got number'],
    [{ model: 'x'.repeat(257) }, 'inventory.model: expected a text of at most 256 characters, got string'],
    [{ totalMemory: Number.NaN }, 'inventory.totalMemory: expected a finite number of kilobytes, got number'],
    [{ serial: '17' }, 'inventory.serial: is no member of the interface DeviceInformation'],
    ['X1', 'inventory: expected an object or a function, got "X1"'],
  ])('C13: is refused at once when it is %j', (inventory, message) => {
    // @ts-expect-error -- a caller without types
    expect(() => makeAgent(new MemoryHub(), '/nowhere', inventory)).toThrow(message)
  })
})
