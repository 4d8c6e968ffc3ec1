import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeviceAgent, implement } from '@iothub-dm/device'
import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { action, defineContract } from '@iothub-dm/protocol'
import { FleetClient, type RolloutHandle, type RolloutOptions, type RolloutSnapshot, where } from '@iothub-dm/service'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const camera = defineContract({
  actions: {
    install: action({ request: v.object({ version: v.string() }), errors: ['doesNotStart'], effects: ['idempotent'] }),
  },
})

const deviceCount = 10

let hub: LocalHub
let directory: string
let agents: readonly DeviceAgent[]
/** Which versions each device was told to install, in order. */
let installed: Map<string, string[]>
/** Devices on which the new version does not start. */
let isFaulty: (deviceId: string) => boolean

beforeEach(async () => {
  hub = await startLocalHub()
  directory = await mkdtemp(join(tmpdir(), 'rollout-'))
  installed = new Map()
  isFaulty = () => false
  agents = await Promise.all(Array.from({ length: deviceCount }, (_, index) => startDevice(`cam-${index}`)))
})
afterEach(async () => {
  await Promise.all(agents.map(agent => agent.close()))
  await hub.close()
  await rm(directory, { recursive: true, force: true })
})

async function startDevice(deviceId: string): Promise<DeviceAgent> {
  const software = implement(camera, {
    actions: {
      async install(op) {
        const versions = installed.get(deviceId) ?? []
        installed.set(deviceId, [...versions, op.request.version])
        if (op.request.version === '2.0.0' && isFaulty(deviceId))
          op.fail('doesNotStart', 'the new version does not start')
        if (op.request.version === 'slow') await once(op.signal, 'abort')
        op.signal.throwIfAborted()
      },
    },
  })
  const agent = DeviceAgent.fromConnectionString(await hub.createDevice(deviceId), software, {
    stateDirectory: join(directory, deviceId),
    endpoint: hub.mqttEndpoint,
    ca: hub.caCertificate,
    bootId: 'boot-1',
  })
  await agent.open()
  return agent
}

function connectBackEnd(): FleetClient<typeof camera> {
  return FleetClient.fromConnectionString(hub.connectionString('iothubowner'), camera, {
    endpoint: hub.httpsEndpoint,
    ca: hub.caCertificate,
  })
}

function begin(
  fleet: FleetClient<typeof camera>,
  more: Partial<RolloutOptions<typeof camera.actions.install, typeof camera>> = {},
): Promise<RolloutHandle> {
  return fleet.actions.install.beginRollout({
    rolloutId: 'v2',
    request: { version: '2.0.0' },
    rollbackRequest: { version: '1.0.0' },
    target: where(t => t.deviceId.startsWith('cam-')),
    waves: [
      { devices: 1, soakInMs: 0 },
      { percent: 60, soakInMs: 0 },
      { percent: 100, soakInMs: 0 },
    ],
    pace: { startsPerMinute: 6_000 },
    gates: [{ outcomes: ['failed', 'silent'], maxShare: 0.05, minSample: 3, confidence: 0.9 }],
    endTime: new Date(Date.now() + 3_600_000),
    tier: { name: 'S3' },
    observeIntervalInMs: 200,
    by: 'test',
    ...more,
  })
}

async function until(
  rollout: RolloutHandle,
  matches: (snapshot: RolloutSnapshot) => boolean,
): Promise<RolloutSnapshot> {
  for await (const snapshot of rollout) if (matches(snapshot)) return snapshot
  throw new Error('the rollout ended before')
}

describe('a rollout', { timeout: 60_000 }, () => {
  it('reaches every device once, wave by wave', async () => {
    await using fleet = connectBackEnd()
    const { devices, forecast } = await fleet.actions.install.plan({ rolloutId: 'v2', request: { version: '2.0.0' } })
    expect(devices).toEqual({ connected: deviceCount, disconnected: 0 })
    expect(forecast.hubCalls.directMethod).toBe(deviceCount)

    await using rollout = await begin(fleet)
    expect(await rollout.result()).toMatchObject({
      state: { phase: 'over', ending: 'completed', wave: 2 },
      counts: { succeeded: deviceCount },
    })
    expect([...installed.values()].flat()).toEqual(Array.from({ length: deviceCount }, () => '2.0.0'))
    expect(await rollout.explain('cam-3')).toMatchObject({ reason: 'succeeded', record: { operationId: 'v2.1' } })
    const types: string[] = []
    for await (const { event } of rollout.audit) types.push(event.type)
    expect(types).toEqual([
      'leaseTaken',
      'begun',
      'proven',
      'waveFinished',
      'waveOpened',
      'waveFinished',
      'waveOpened',
      'waveFinished',
      'ended',
    ])
    const known = []
    for await (const { rolloutId, action: name, state } of fleet.rollouts()) known.push([rolloutId, name, state?.phase])
    expect(known).toEqual([['v2', 'install', 'over']])
  })

  it('is stopped by its gate in the wave in which a version fails, and rolled back', async () => {
    let canary: string | undefined
    isFaulty = deviceId => {
      canary ??= deviceId
      return canary !== deviceId
    }
    await using fleet = connectBackEnd()
    await using rollout = await begin(fleet)
    const stopped = await until(rollout, ({ state }) => state?.hold !== undefined)
    expect(stopped.state).toMatchObject({ wave: 1, hold: { cause: 'gate' } })
    const touched = [...installed.keys()]
    expect(touched.length).toBeLessThanOrEqual(8)
    const untouched = agents.map((_, index) => `cam-${index}`).find(deviceId => !installed.has(deviceId))
    expect(await rollout.explain(untouched ?? '')).toMatchObject({ reason: 'held' })

    await rollout.rollBack()
    expect(await rollout.result()).toMatchObject({
      state: { ending: 'rolledBack' },
      counts: { succeeded: touched.length },
    })
    for (const deviceId of touched) expect(installed.get(deviceId)).toEqual(['2.0.0', '1.0.0'])
    expect([...installed.keys()]).toEqual(touched)
  })

  it('goes on in another process that attaches to it, and refuses a plan that was edited', async () => {
    await using fleet = connectBackEnd()
    await using other = connectBackEnd()
    const first = await begin(fleet)
    await until(first, ({ state }) => state?.isProven === true)
    await first.pause('lunch')
    await first.close()
    await using second = await other.actions.install.attachRollout('v2', {
      tier: { name: 'S3' },
      observeIntervalInMs: 200,
    })
    expect(second.snapshot().state?.hold).toMatchObject({ cause: 'operator', reason: 'lunch' })
    await expect(second.approve()).rejects.toMatchObject({ code: 'RolloutCommandRefused' })
    await second.resume()
    expect(await second.result()).toMatchObject({ state: { ending: 'completed' }, counts: { succeeded: deviceCount } })
    expect([...installed.values()].flat()).toHaveLength(deviceCount)

    await expect(
      other.actions.install.beginRollout({ rolloutId: 'v2', request: { version: '3.0.0' } }),
    ).rejects.toMatchObject({ code: 'RolloutConflict' })
    await expect(other.actions.install.attachRollout('v3')).rejects.toMatchObject({ code: 'RolloutNotFound' })
    const control = other.getDeviceClient('iothub-dm-rollout-v2').twin
    const edited = { ...second.plan, concurrency: 1_000 }
    await control.patch({ desired: { iothubDMRollout: { plan: { part0: JSON.stringify(edited) } } } })
    await expect(other.actions.install.attachRollout('v2')).rejects.toMatchObject({ code: 'RolloutDamaged' })
  })

  it('that is aborted cancels what is under way', async () => {
    await using fleet = connectBackEnd()
    await using rollout = await begin(fleet, { request: { version: 'slow' } })
    await until(rollout, ({ counts }) => counts?.open === 1 && installed.size === 1)
    await rollout.abort()
    expect(await rollout.result()).toMatchObject({ state: { ending: 'aborted' } })
    const [deviceId = ''] = installed.keys()
    const operation = await fleet.getDeviceClient(deviceId).actions.install.attach('v2.1')
    await expect(operation.result({ timeoutInMs: 10_000 })).rejects.toMatchObject({ record: { state: 'cancelled' } })
    expect(installed.size).toBe(1)
    await expect(rollout.pause('too late')).rejects.toMatchObject({ code: 'RolloutCommandRefused' })
  })

  it('leaves the request to devices that are away, and begins again what failed', async () => {
    isFaulty = deviceId => deviceId === 'cam-1' && (installed.get(deviceId)?.length ?? 0) < 2
    await agents[0]?.close()
    await using fleet = connectBackEnd()
    await using rollout = await begin(fleet, {
      offline: 'desired',
      gates: [],
      waves: [
        { percent: 99, soakInMs: 0 },
        { percent: 100, needsApproval: true },
      ],
    })
    const first = await until(rollout, ({ state }) => state?.phase === 'awaitingApproval')
    expect(first.counts).toMatchObject({ failed: 1, unreachable: 1, succeeded: deviceCount - 2 })
    expect(await rollout.explain('cam-1')).toMatchObject({
      reason: 'failed',
      detail: 'failed: doesNotStart, the new version does not start',
    })
    expect(await rollout.explain('cam-0')).toMatchObject({ reason: 'unreachable' })
    const { desired } = await fleet.getDeviceClient('cam-0').twin.get()
    expect(desired).toMatchObject({ iothubDM: { install: { version: '2.0.0', operationId: 'v2.1' } } })
    await rollout.retryFailed()
    await until(rollout, ({ counts }) => counts?.succeeded === deviceCount - 1)
    expect(installed.get('cam-1')).toEqual(['2.0.0', '2.0.0'])
  })
})
