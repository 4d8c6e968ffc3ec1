import { type LocalHub, ManualClock, startLocalHub } from '@iothub-dm/local-hub'
import { describe, expect, it } from 'vitest'
import { AzureDevice, jobClientOf, registryOf } from './azure-clients.ts'

const past = new Date(0)

async function rowsOf(hub: LocalHub, jobId: string): Promise<unknown> {
  const query = registryOf(hub).createQuery(`SELECT * FROM devices.jobs WHERE devices.jobs.jobId = '${jobId}'`)
  return (await query.next()).result
}

describe('the official job client', () => {
  it('updates twins', async () => {
    await using hub = await startLocalHub()
    await using device = await AzureDevice.open(hub, 'd1')
    await hub.createDevice('d2')
    await registryOf(hub).updateTwin('d1', { tags: { site: 'oslo' } }, '*')
    const twin = await device.client.getTwin()
    await device.onDesired(twin, () => {})
    const arrived = new Promise(resolve => twin.on('properties.desired.everySeconds', resolve))
    const jobs = jobClientOf(hub, 'service')
    const patch = { etag: '*', tags: { seen: true }, properties: { desired: { everySeconds: 5 } } }
    const { jobStatus } = await jobs.scheduleTwinUpdate('j1', "tags.site = 'oslo'", patch, past, 60)
    expect(jobStatus).toEqual({ jobId: 'j1', type: 'scheduleUpdateTwin', status: 'queued' })
    expect(await arrived).toBe(5)
    expect((await jobs.getJob('j1')).jobStatus).toMatchObject({
      status: 'completed',
      updateTwin: patch,
      queryCondition: "tags.site = 'oslo'",
      maxExecutionTimeInSeconds: 60,
      deviceJobStatistics: { deviceCount: 1, succeededCount: 1 },
    })
    expect((await registryOf(hub).getTwin('d1')).responseBody).toMatchObject({ tags: { site: 'oslo', seen: true } })
    expect(await rowsOf(hub, 'j1')).toMatchObject([{ deviceId: 'd1', outcome: { deviceMethodResponse: null } }])
  })

  it('calls methods, and tells what each device answered', async () => {
    await using hub = await startLocalHub()
    await using camera = await AzureDevice.open(hub, 'camera')
    await using lamp = await AzureDevice.open(hub, 'lamp')
    await hub.createDevice('away')
    await camera.onMethod('identify', payload => ({ camera: payload }))
    await lamp.onMethod('identify', () => ({ lamp: true }))
    const jobs = jobClientOf(hub)
    const finished = hub.waitFor('jobFinished')
    await jobs.scheduleDeviceMethod('j1', '*', { methodName: 'identify', payload: { blink: 3 } }, past, 60)
    expect(await finished).toEqual({ type: 'jobFinished', jobId: 'j1', status: 'completed' })
    expect((await jobs.getJob('j1')).jobStatus).toMatchObject({
      status: 'completed',
      deviceJobStatistics: { deviceCount: 3, failedCount: 1, succeededCount: 2, runningCount: 0, pendingCount: 0 },
    })
    expect(await rowsOf(hub, 'j1')).toMatchObject([
      {
        deviceId: 'camera',
        jobType: 'scheduleDeviceMethod',
        status: 'completed',
        outcome: { deviceMethodResponse: { status: 200, payload: { camera: { blink: 3 } } } },
      },
      { deviceId: 'lamp', outcome: { deviceMethodResponse: { status: 200, payload: { lamp: true } } } },
      { deviceId: 'away', status: 'failed', error: { code: 'DeviceNotOnline' } },
    ])
  })

  it('leaves out what it may leave out', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const jobs = jobClientOf(hub)
    await jobs.scheduleTwinUpdate('j1', '*', { tags: { z: 1 } })
    expect((await jobs.getJob('j1')).jobStatus).toMatchObject({ status: 'completed', maxExecutionTimeInSeconds: 3600 })
  })

  it('schedules, cancels, and learns that it is too late', async () => {
    const clock = new ManualClock()
    await using hub = await startLocalHub({ clock })
    await hub.createDevice('d1')
    const jobs = jobClientOf(hub)
    const inOneHour = new Date(clock.now() + 3_600_000)
    for (const jobId of ['j1', 'j2']) await jobs.scheduleTwinUpdate(jobId, '*', { tags: { [jobId]: 1 } }, inOneHour, 60)
    expect((await jobs.getJob('j1')).jobStatus).toMatchObject({ status: 'scheduled' })
    expect((await jobs.cancelJob('j1')).jobStatus).toMatchObject({ jobId: 'j1', status: 'cancelled' })
    clock.advance(3_600_000)
    const { responseBody } = await registryOf(hub).getTwin('d1')
    expect(responseBody.tags).toEqual({ j2: 1 })
    await expect(jobs.cancelJob('j2')).rejects.toMatchObject({
      responseBody: expect.stringContaining('OperationNotAllowedInCurrentState'),
    })
    await expect(jobs.scheduleTwinUpdate('j2', '*', { tags: {} }, past, 60)).rejects.toMatchObject({
      responseBody: expect.stringContaining('JobAlreadyExists'),
    })
    expect((await jobs.getJob('j3')).jobStatus).toEqual({ type: 'unknown', status: 'unknown' })
  })

  it('pages through jobs', async () => {
    await using hub = await startLocalHub()
    await hub.createDevice('d1')
    const jobs = jobClientOf(hub)
    for (const jobId of ['j1', 'j2', 'j3']) await jobs.scheduleTwinUpdate(jobId, '*', { tags: { z: 1 } }, past, 60)
    const query = jobs.createQuery('scheduleUpdateTwin', undefined, 2)
    const first = await query.next()
    expect(first.result).toMatchObject([{ jobId: 'j1' }, { jobId: 'j2' }])
    expect(query.hasMoreResults).toBe(true)
    const second = await query.next(query.continuationToken)
    expect(second.result).toMatchObject([{ jobId: 'j3' }])
    expect(query.hasMoreResults).toBe(false)
    expect((await jobs.createQuery('scheduleDeviceMethod').next()).result).toEqual([])
  })
})
