import { FleetClient } from '@iothub-dm/service'
import { describe, expect, it } from 'vitest'
import { recorder } from '../factory-reset/contract.ts'
import { backEndSettings, TestBench } from '../support/test-bench.ts'

describe('a factory reset that is begun by the back end', () => {
  it('is refused without the word that data is lost, and with it armed and carried out', async () => {
    await using bench = await TestBench.open()
    const { connectionString, ...options } = backEndSettings(bench.hub)
    await using fleet = FleetClient.fromConnectionString(connectionString, recorder, options)
    const device = await bench.connectDevice('cam-1', { program: '../factory-reset/factory-reset-program' })
    const { factoryReset } = fleet.getDeviceClient('cam-1').actions
    await expect(factoryReset.begin({ level: 'data' })).rejects.toMatchObject({ code: 'NotArmed', status: 428 })
    const operation = await factoryReset.begin({ level: 'data' }, { acknowledge: 'losesData' })
    await expect(operation.result({ timeoutInMs: 20_000 })).resolves.toEqual({ level: 'data', keep: [], epoch: 1 })
    // Once more with the same id: armed anew, and not carried out anew.
    const { operationId } = operation
    const again = await factoryReset.begin({ level: 'data' }, { acknowledge: 'losesData', operationId })
    expect(again.record).toMatchObject({ operationId, state: 'succeeded' })
    expect(device.attemptsOf('wipe data')).toEqual([1])
  })
})
