import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { configuration, defineContract, method, reboot } from '@iothub-dm/protocol'
import { FleetClient, type JobHandle, where } from '@iothub-dm/service'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AzureDevice } from '../local-hub/azure-clients.ts'

const camera = defineContract({
  methods: { zoom: method({ request: v.object({ factor: v.number() }), response: v.object({ factor: v.number() }) }) },
  actions: { reboot },
  configurations: { telemetry: configuration(v.object({ fps: v.pipe(v.number(), v.maxValue(60)) })) },
})

let hub: LocalHub
let fleet: FleetClient<typeof camera>
const devices: AzureDevice[] = []

/** Two devices that answer, one that answers what no contract says, one that refuses, one that is away. */
beforeAll(async () => {
  hub = await startLocalHub()
  const answers: Readonly<Record<string, (factor: number) => unknown>> = {
    'cam-1': factor => ({ factor }),
    'cam-2': factor => ({ factor: factor * 2 }),
    'cam-3': () => 'pong',
  }
  for (const [deviceId, answer] of Object.entries(answers)) {
    const device = await AzureDevice.open(hub, deviceId)
    await device.onMethod('zoom', payload => answer(v.parse(v.object({ factor: v.number() }), payload).factor))
    devices.push(device)
  }
  await hub.createDevice('cam-4')
  const owner = hub.connectionString('iothubowner')
  fleet = FleetClient.fromConnectionString(owner, camera, { endpoint: hub.httpsEndpoint, ca: hub.caCertificate })
})
afterAll(async () => {
  await fleet.close()
  for (const device of devices) await device[Symbol.asyncDispose]()
  await hub.close()
})

async function outcomesOf(job: JobHandle): Promise<Readonly<Record<string, unknown>>> {
  const outcomes: Record<string, unknown> = {}
  for await (const outcome of job.outcomes()) {
    outcomes[outcome.deviceId] = outcome.state === 'succeeded' ? outcome.response : outcome
  }
  return outcomes
}

describe('B23: a job', () => {
  it('calls a method of many devices, with the outcome of each as the contract has it', async () => {
    const job = await fleet.methods.zoom.schedule({ factor: 2 })
    const { status, deviceCounts } = await job.wait({ pollIntervalInMs: 20, timeoutInMs: 10_000 })
    expect(status).toBe('completed')
    expect(deviceCounts).toMatchObject({ devices: 4, succeeded: 3, failed: 1 })
    expect(await outcomesOf(job)).toMatchObject({
      'cam-1': { factor: 2 },
      'cam-2': { factor: 4 },
      'cam-3': { state: 'failed', error: { code: 'InvalidResponse' } },
      'cam-4': { state: 'failed', error: { code: 'JobDeviceFailed', deviceId: 'cam-4' } },
    })
  })

  it('takes only the devices of its condition', async () => {
    const job = await fleet.methods.zoom.schedule({ factor: 3 }, { condition: where(t => t.deviceId.in(['cam-1'])) })
    await job.wait({ pollIntervalInMs: 20 })
    expect(await outcomesOf(job)).toEqual({ 'cam-1': { factor: 3 } })
  })

  it('begins an action, under the id of the job', async () => {
    const [device] = devices
    device?.client.onDeviceMethod('reboot', (_request, response) => {
      void response.send(202, { operationId: 'reboot-night', state: 'accepted' })
    })
    const condition = where<typeof camera>(t => t.deviceId.in(['cam-1']))
    const job = await fleet.actions.reboot.schedule({ delaySeconds: 5 }, { condition, jobId: 'reboot-night' })
    await job.wait({ pollIntervalInMs: 20 })
    expect(await outcomesOf(job)).toMatchObject({ 'cam-1': { operationId: 'reboot-night', state: 'accepted' } })
  })

  it('writes a configuration to many twins', async () => {
    const job = await fleet.configurations.telemetry.schedule(
      { fps: 5 },
      { condition: where(t => t.deviceId.in(['cam-1', 'cam-4'])) },
    )
    await job.wait({ pollIntervalInMs: 20 })
    expect(await outcomesOf(job)).toEqual({ 'cam-1': undefined, 'cam-4': undefined })
    expect(await fleet.count(where(t => t.desired('telemetry', 'fps').eq(5)))).toBe(2)
  })

  it('that waits for its time can be cancelled, once', async () => {
    const startTime = new Date(Date.now() + 3_600_000)
    const job = await fleet.methods.zoom.schedule({ factor: 2 }, { startTime, jobId: 'tonight' })
    expect(await job.get()).toMatchObject({ jobId: 'tonight', status: 'scheduled' })
    await expect(fleet.methods.zoom.schedule({ factor: 2 }, { jobId: 'tonight' })).rejects.toMatchObject({
      code: 'AlreadyExists',
    })
    await job.cancel()
    expect(await job.wait({ pollIntervalInMs: 20 })).toMatchObject({ status: 'cancelled' })
    await expect(job.cancel()).rejects.toMatchObject({ code: 'HubRefused', hubCode: 405102 })
  })

  it('is found again by its id, and in the list', async () => {
    const job = fleet.jobs.attach('tonight')
    expect(await job.get()).toMatchObject({ type: 'scheduleDeviceMethod', status: 'cancelled' })
    const cancelled: string[] = []
    for await (const { jobId } of fleet.jobs.list({ status: 'cancelled' })) cancelled.push(jobId)
    expect(cancelled).toEqual(['tonight'])
    await expect(fleet.jobs.attach('never-there').get()).rejects.toMatchObject({ code: 'JobNotFound' })
  })

  it('that takes too long is waited for no longer', async () => {
    const startTime = new Date(Date.now() + 3_600_000)
    const job = await fleet.methods.zoom.schedule({ factor: 2 }, { startTime })
    await expect(job.wait({ timeoutInMs: 30, pollIntervalInMs: 10 })).rejects.toMatchObject({ code: 'WaitTimeout' })
    await job.cancel()
  })

  it('is checked before anything is sent', async () => {
    await expect(fleet.configurations.telemetry.schedule({ fps: 61 })).rejects.toMatchObject({ code: 'InvalidRequest' })
    await expect(fleet.methods.zoom.schedule({ factor: 1 }, { jobId: 'Job/1' })).rejects.toThrow('jobId: expected')
    const startTime = new Date(Date.now() + 8 * 24 * 3_600_000)
    await expect(fleet.methods.zoom.schedule({ factor: 1 }, { startTime })).rejects.toThrow('at most seven days ahead')
    const tooLong = { responseTimeoutInSeconds: 301 }
    await expect(fleet.methods.zoom.schedule({ factor: 1 }, tooLong)).rejects.toThrow('responseTimeoutInSeconds')
  })

  it('trap 49: sends a payload of 0, false or an empty text as it is', async () => {
    const contract = defineContract({ methods: { echo: method({ request: v.unknown(), response: v.unknown() }) } })
    const [device] = devices
    device?.client.onDeviceMethod('echo', ({ payload }, response) => {
      void response.send(200, { payload })
    })
    const owner = hub.connectionString('iothubowner')
    await using all = FleetClient.fromConnectionString(owner, contract, {
      endpoint: hub.httpsEndpoint,
      ca: hub.caCertificate,
    })
    for (const request of [0, false, '']) {
      const job = await all.methods.echo.schedule(request, { condition: where(t => t.deviceId.in(['cam-1'])) })
      await job.wait({ pollIntervalInMs: 20 })
      expect(await outcomesOf(job)).toEqual({ 'cam-1': { payload: request } })
    }
  })
})
