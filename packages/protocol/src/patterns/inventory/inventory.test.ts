import { describe, expect, it } from 'vitest'
import { action } from '../../contract/action.ts'
import { defineContract } from '../../contract/define-contract.ts'
import { decodeInventory, encodeInventory } from './inventory.ts'

const inventory = {
  manufacturer: 'Contoso',
  model: 'X1',
  swVersion: '1.2.3',
  osName: 'Linux 6.1',
  processorArchitecture: 'arm64',
  processorManufacturer: 'Broadcom',
  totalStorage: 2_048_000,
  totalMemory: 256_000,
  agentVersion: '0.2.0',
}

describe('an inventory', () => {
  it('is written as a Plug and Play component, and read again', () => {
    const { agentVersion, ...standard } = inventory
    const reported = encodeInventory(inventory, {})
    expect(reported).toEqual({
      deviceInformation: { __t: 'c', ...standard },
      iothubDM: { agent: { version: agentVersion } },
    })
    expect(decodeInventory(reported)).toEqual(inventory)
  })

  it('leaves alone what is not its own, and takes away what is no longer told', () => {
    const reported = {
      deviceInformation: { __t: 'c', model: 'X1', osName: 'Linux', serial: '17' },
      iothubDM: { reboot: { state: 'succeeded' } },
      telemetry: 1,
    }
    expect(encodeInventory({ model: 'X2', agentVersion: '1' }, reported)).toEqual({
      deviceInformation: { __t: 'c', model: 'X2', serial: '17' },
      iothubDM: { reboot: { state: 'succeeded' }, agent: { version: '1' } },
      telemetry: 1,
    })
  })

  it('is read as far as it is of the standard types', () => {
    expect(decodeInventory({})).toBeUndefined()
    expect(decodeInventory({ deviceInformation: 'X1' })).toBeUndefined()
    expect(decodeInventory({ deviceInformation: { model: 5, swVersion: '1', totalMemory: '1 GB' } })).toEqual({
      swVersion: '1',
    })
  })

  it('keeps the name of its section from actions', () => {
    expect(() => defineContract({ actions: { agent: action() } })).toThrow(/action 'agent'.*reserved/)
  })
})
