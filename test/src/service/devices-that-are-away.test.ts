import { action, defineContract } from '@iothub-dm/protocol'
import { FleetClient } from '@iothub-dm/service'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { LaneBench } from '../support/lane-bench.ts'

/** The part of the device's contract that is asked for here. */
const contract = defineContract({
  actions: { clean: action({ request: v.object({ lens: v.optional(v.number()) }), effects: ['restarts'] }) },
})

function fleetOf({ hub }: LaneBench): FleetClient<typeof contract> {
  return FleetClient.fromConnectionString(hub.connectionString('service'), contract, {
    endpoint: hub.httpsEndpoint,
    ca: hub.caCertificate,
    pollIntervalInMs: 20,
  })
}

const whenOffline = 'desired'

describe.concurrent('an operation for a device that is away, with our agent', () => {
  it('is carried out when it comes, and followed all the way', async () => {
    await using bench = await LaneBench.open()
    await using fleet = fleetOf(bench)
    const { clean } = fleet.getDeviceClient('cam-1').actions
    const operation = await clean.begin({ lens: 1 }, { whenOffline })
    expect(operation.recordSource).toBe('request')
    const seen = (async () => {
      const states: string[] = []
      for await (const { state } of operation) states.push(state)
      return states
    })()
    await bench.connect()
    await operation.result({ timeoutInMs: 20_000 })
    const states = await seen
    expect([states[0], states.at(-1)]).toEqual(['waiting', 'succeeded'])
    expect(operation.recordSource).toBe('report')
    expect(bench.runs).toEqual(['clean 1'])
    // The method with the same id is a repeat.
    const again = await clean.begin({ lens: 1 }, { operationId: operation.operationId })
    expect(again.record.state).toBe('succeeded')
    expect(bench.runs).toEqual(['clean 1'])
  })

  it('is taken up by another process, and withdrawn in time', async () => {
    await using bench = await LaneBench.open()
    await using fleet = fleetOf(bench)
    const begun = await fleet.getDeviceClient('cam-1').actions.clean.begin({ lens: 1 }, { whenOffline })
    await using other = fleetOf(bench)
    const operation = await other.actions.clean.attach(begun.serialize())
    expect(operation.recordSource).toBe('request')
    await expect(operation.cancel()).resolves.toBe('cancelled')
    await bench.connect()
    const last = await other.getDeviceClient('cam-1').actions.clean.begin({ lens: 2 })
    await last.result({ timeoutInMs: 20_000 })
    expect(bench.runs).toEqual(['clean 2'])
  })

  it('is cancelled no more when the device has carried it out', async () => {
    await using bench = await LaneBench.open()
    await using fleet = fleetOf(bench)
    const operation = await fleet.getDeviceClient('cam-1').actions.clean.begin({ lens: 1 }, { whenOffline })
    await bench.connect()
    await bench.recordWhen('clean', 'succeeded', operation.operationId)
    await expect(operation.cancel()).rejects.toMatchObject({ code: 'NotCancellable' })
    await expect(operation.result()).resolves.toBeUndefined()
  })

  it('expires when it comes too late', async () => {
    await using bench = await LaneBench.open()
    await using fleet = fleetOf(bench)
    const { clean } = fleet.getDeviceClient('cam-1').actions
    const operation = await clean.begin({}, { whenOffline, expiresAt: new Date(Date.now() - 1_000) })
    await expect(operation.result({ neverStartedAfterInMs: 50 })).rejects.toMatchObject({
      code: 'OperationNeverStarted',
    })
    await bench.connect()
    await expect(operation.result({ timeoutInMs: 20_000 })).rejects.toMatchObject({
      code: 'OperationFailed',
      record: { state: 'expired' },
    })
    expect(bench.runs).toEqual([])
  })
})
