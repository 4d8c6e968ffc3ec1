import { type LocalHub, startLocalHub } from '@iothub-dm/local-hub'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { camera } from '../../test/camera.ts'
import { reporting } from '../../test/reporting.ts'
import { simulateFleet } from '../../test/simulated-fleet.ts'
import { FleetClient, type FleetClientOptions, fleetClientDefaults } from './fleet-client.ts'

describe('against the local hub', () => {
  let hub: LocalHub

  beforeAll(async () => {
    hub = await startLocalHub()
    await hub.createDevice('cam-1')
  })
  afterAll(() => hub.close())

  const connect = (options: FleetClientOptions = {}) =>
    FleetClient.fromConnectionString(hub.connectionString('service'), camera, {
      endpoint: hub.httpsEndpoint,
      ca: hub.caCertificate,
      ...options,
    })

  it('calls a device that is not there', async () => {
    await using fleet = connect()
    const cam1 = fleet.getDeviceClient('cam-1')
    const offline = { code: 'DeviceOffline', hubCode: 404103, retryable: true, outcomeUnknown: false }
    await expect(cam1.methods.getLogs.invoke({ lines: 1 })).rejects.toMatchObject(offline)
    await expect(cam1.actions.reboot.begin()).rejects.toMatchObject(offline)
    await expect(cam1.actions.reboot.latest()).resolves.toBeUndefined()
    await expect(cam1.actions.reboot.attach('op-1', { timeoutInMs: 10 })).rejects.toMatchObject({
      code: 'OperationNotFound',
    })
    const cam9 = fleet.getDeviceClient('cam-9')
    await expect(cam9.actions.reboot.attach('op-1')).rejects.toMatchObject({ code: 'DeviceNotFound' })
  })

  it('is closed at the end of its scope, and says so afterwards', async () => {
    let kept: FleetClient<typeof camera>
    {
      await using fleet = connect()
      await fleet.getDeviceClient('cam-1').actions.reboot.latest()
      kept = fleet
    }
    const cam1 = kept.getDeviceClient('cam-1')
    const closed = { name: 'ClientClosedError', code: 'ClientClosed' }
    await expect(cam1.methods.ping.invoke()).rejects.toMatchObject(closed)
    await expect(cam1.actions.reboot.begin()).rejects.toMatchObject(closed)
    await expect(cam1.actions.reboot.latest()).rejects.toMatchObject(closed)
    await expect(cam1.actions.reboot.attach('op-1')).rejects.toMatchObject(closed)
    await kept.close()
  })
})

const connectionString = 'HostName=h.azure-devices.net;SharedAccessKeyName=service;SharedAccessKey=c2VjcmV0'

function connecting(options: FleetClientOptions) {
  return () => FleetClient.fromConnectionString(connectionString, camera, options)
}

describe('fromConnectionString', () => {
  it('refuses what is of no use, before anything is sent', () => {
    for (const pollIntervalInMs of [0, -1, Number.NaN]) {
      expect(connecting({ pollIntervalInMs })).toThrow(/^pollIntervalInMs: expected a number above 0/)
    }
    expect(connecting({ requestTimeoutInMs: 0 })).toThrow(RangeError)
    expect(connecting({ ca: 'ca.pem' })).toThrow(TypeError)
    expect(fleetClientDefaults.pollIntervalInMs).toBe(1_000)
  })

  it('never shows the key', () => {
    expect(() => FleetClient.fromConnectionString('SharedAccessKey=c2VjcmV0', camera)).toThrow(
      expect.objectContaining({ code: 'InvalidConnectionString', message: expect.not.stringContaining('c2VjcmV0') }),
    )
  })
})

describe('getDeviceClient', () => {
  it('has a member for everything in the contract, and no other', () => {
    const { cam1, fleet } = simulateFleet()
    expect(cam1.deviceId).toBe('cam-1')
    expect(Object.keys(cam1.methods)).toEqual(['getLogs', 'snapshot', 'ping', 'shift'])
    expect(Object.keys(cam1.actions)).toEqual(['reboot', 'calibrate', 'survey'])
    expect(Object.keys(fleet.actions)).toEqual(['reboot', 'calibrate', 'survey'])
    for (const members of [cam1.methods, cam1.actions, fleet.actions]) {
      for (const name of ['toString', 'constructor', '__proto__', 'then'])
        expect(Reflect.get(members, name)).toBeUndefined()
    }
  })

  it('is frozen through and through', () => {
    const { cam1, fleet } = simulateFleet()
    const objects = [
      cam1,
      cam1.methods,
      cam1.methods.ping,
      cam1.actions,
      cam1.actions.reboot,
      fleet.actions,
      fleet.actions.reboot,
    ]
    for (const object of objects) expect(Object.isFrozen(object)).toBe(true)
  })

  it.each(['', 'a b', 'ü'])('refuses the id %j', deviceId => {
    expect(() => simulateFleet().fleet.getDeviceClient(deviceId)).toThrow(/^deviceId: expected/)
  })
})

describe('attach from another process', () => {
  it('takes up what another client began', async () => {
    const first = simulateFleet()
    const begun = await first.cam1.actions.calibrate.begin({ target: 1 })
    const text = begun.serialize()

    const second = simulateFleet()
    second.hub.reported = reporting('calibrate', { operationId: 'op-1', state: 'succeeded', result: { offset: 3 } })
    const taken = await second.fleet.actions.calibrate.attach(text)
    expect(taken).toMatchObject({ deviceId: 'cam-1', action: 'calibrate', operationId: 'op-1' })
    await expect(taken.result()).resolves.toEqual({ offset: 3 })
  })

  it('refuses an operation of another action, and other texts', async () => {
    const { fleet, cam1, hub } = simulateFleet()
    const begun = await cam1.actions.calibrate.begin({ target: 1 })
    await expect(fleet.actions.reboot.attach(begun.serialize())).rejects.toThrow(
      new TypeError("serialized: expected an operation of action 'reboot', got one of 'calibrate'"),
    )
    await expect(fleet.actions.reboot.attach('op-1')).rejects.toThrow(/^serialized: expected the text/)
    expect(hub.reads).toEqual([])
  })
})
