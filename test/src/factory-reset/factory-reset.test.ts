import { armFactoryReset, type FactoryResetRequest, type WireAnswer } from '@iothub-dm/protocol'
import { FleetClient } from '@iothub-dm/service'
import { describe, expect, it } from 'vitest'
import { registryOf, serviceClientOf } from '../local-hub/azure-clients.ts'
import { backEndSettings, TestBench } from '../support/test-bench.ts'
import { recorder } from './contract.ts'

const program = '../factory-reset/factory-reset-program'
const deviceId = 'cam-1'

/** Calls the method with the official service client. */
async function call(bench: TestBench, payload: object): Promise<WireAnswer> {
  const { result } = await serviceClientOf(bench.hub).invokeDeviceMethod(deviceId, {
    methodName: 'factoryReset',
    payload,
  })
  return { status: result.status, payload: result.payload }
}

function arm(bench: TestBench, request: FactoryResetRequest): Promise<FactoryResetRequest> {
  return armFactoryReset(request, payload => call(bench, payload))
}

function fleetOf(bench: TestBench): FleetClient<typeof recorder> {
  const { connectionString, ...options } = backEndSettings(bench.hub)
  return FleetClient.fromConnectionString(connectionString, recorder, options)
}

/** The back end writes desired properties, and the device applies them. */
async function configure(bench: TestBench): Promise<void> {
  const applied = bench.hub.waitFor('reportedChanged', ({ patch }) => 'recording' in patch)
  await registryOf(bench.hub).updateTwin(deviceId, { properties: { desired: { recording: { fps: 5 } } } }, '*')
  await applied
}

describe.concurrent('a factory reset', () => {
  it('is refused without a token, and happens with it: once, proven, its state directory gone', async () => {
    await using bench = await TestBench.open()
    await using fleet = fleetOf(bench)
    const device = await bench.connectDevice(deviceId, { program })
    await configure(bench)
    expect(await call(bench, { level: 'data' })).toMatchObject({
      status: 428,
      payload: { error: { code: 'NotArmed' } },
    })

    const request = await arm(bench, { level: 'data', reason: 'sold' })
    const operation = await fleet.getDeviceClient(deviceId).actions.factoryReset.begin(request)
    expect(await operation.result({ timeoutInMs: 20_000 })).toEqual({ level: 'data', keep: [], epoch: 1 })

    expect(device.attemptsOf('wipe data')).toEqual([1])
    expect(device.attemptsOf('restart')).toEqual([1])
    expect(new Set(device.boots()).size).toBe(2)
    const section = await bench.section(deviceId, 'factoryReset')
    expect(section).toMatchObject({ operationId: operation.operationId, state: 'succeeded', attempt: 2 })
    expect(section.lastFactoryReset).toBe(section.finishedTime)
    // With the journal, what was applied is forgotten: the settings that are still desired are applied again.
    expect(device.attemptsOf('recording')).toEqual([1, 1])

    // The token was good for once, and is nowhere: not in the twin, the journal, what survived, or what was printed.
    expect(await call(bench, { ...request, operationId: 'replayed' })).toMatchObject({ status: 428 })
    const everything = [JSON.stringify(await bench.reported(deviceId)), await device.readJournal(), device.output]
    expect(everything.join()).not.toContain(request.token)
  })

  it('is reported to the twin of a device that was provisioned anew meanwhile, and known when it is asked for again', async () => {
    await using bench = await TestBench.open()
    await using fleet = fleetOf(bench)
    const symmetricKey = {
      primaryKey: Buffer.alloc(32, 1).toString('base64'),
      secondaryKey: Buffer.alloc(32, 2).toString('base64'),
    }
    const device = await bench.connectDevice(deviceId, { program, comesBack: false, symmetricKey })
    await configure(bench)
    const { factoryReset } = fleet.getDeviceClient(deviceId).actions
    const request = await arm(bench, { level: 'everything' })
    const { operationId } = await factoryReset.begin(request)
    await device.exited()
    await registryOf(bench.hub).delete(deviceId)
    await bench.hub.createDevice(deviceId, { symmetricKey })
    expect(await bench.reported(deviceId)).not.toHaveProperty('iothubDM')

    device.start()
    const section = await bench.sectionWhen(deviceId, 'factoryReset', ({ state }) => state === 'succeeded')
    expect(section).toMatchObject({ operationId, lastFactoryReset: section.finishedTime, result: { epoch: 1 } })
    expect(await call(bench, { level: 'everything', operationId })).toMatchObject({
      status: 200,
      payload: { operationId, state: 'succeeded' },
    })
    expect(device.attemptsOf('wipe everything')).toEqual([1])
  })

  it('is gone on with when the process is killed in the middle of the wipe, and wipes again', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice(deviceId, { program, gates: ['wiped'] })
    await configure(bench)
    const request = await arm(bench, { level: 'data' })
    await call(bench, { ...request, operationId: 'op' })
    await device.reached('wiped')
    await device.kill()
    await device.reached('wiped')
    device.release('wiped')
    const section = await bench.sectionWhen(deviceId, 'factoryReset', ({ state }) => state === 'succeeded')
    expect(section).toMatchObject({ operationId: 'op', result: { level: 'data', epoch: 1 } })
    expect(device.attemptsOf('wipe data')).toEqual([1, 2])
    expect(device.attemptsOf('restart')).toEqual([1])
  })

  it('cannot be cancelled once it wipes', async () => {
    await using bench = await TestBench.open()
    const device = await bench.connectDevice(deviceId, { program, gates: ['wiped'] })
    const request = await arm(bench, { level: 'data' })
    await call(bench, { ...request, operationId: 'op' })
    await device.reached('wiped')
    const { result } = await serviceClientOf(bench.hub).invokeDeviceMethod(deviceId, {
      methodName: 'cancelOperation',
      payload: { operationId: 'op' },
    })
    expect(result).toMatchObject({ status: 409, payload: { error: { code: 'NotCancellable' } } })
    device.release('wiped')
    await bench.sectionWhen(deviceId, 'factoryReset', ({ state }) => state === 'succeeded')
  })
})
