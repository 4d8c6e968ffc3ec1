import { inspect } from 'node:util'
import { DeviceAgent } from '@iothub-dm/device'
import { FleetClient } from '@iothub-dm/service'
import { expect, it } from 'vitest'
import { BackEndProcess } from '../support/back-end-process.ts'
import { camera } from '../support/contract.ts'
import { backEndSettings, TestBench } from '../support/test-bench.ts'

const canary = 'canary: the key of the device!'
const deviceKey = Buffer.from(canary).toString('base64')
const otherKey = Buffer.from('canary: a key that is not right').toString('base64')

it('F23: neither keys nor tokens show in what is printed, thrown, reported or stored', async () => {
  await using bench = await TestBench.open()
  const { hub } = bench
  const settings = backEndSettings(hub)
  const backEndKey = /SharedAccessKey=([^;]+)/.exec(settings.connectionString)?.[1] ?? ''
  expect(backEndKey).toHaveLength(44)
  const seen: string[] = []
  const see = (value: unknown): void => {
    seen.push(typeof value === 'string' ? value : inspect(value, { depth: 10, showHidden: true }))
  }

  // A whole reboot, with the connection cut in the middle.
  const symmetricKey = { primaryKey: deviceKey, secondaryKey: deviceKey }
  const device = await bench.connectDevice('cam-1', { symmetricKey, gates: ['beforeRestart'] })
  await using backEnd = await BackEndProcess.start({ settings, deviceId: 'cam-1', operationId: 'op-1' })
  see(await backEnd.following())
  await device.reached('beforeRestart')
  hub.disconnect('cam-1', 'rst')
  await device.disconnected()
  device.release('beforeRestart')
  see(await backEnd.done())

  // Everything that goes wrong, as the back end hears of it.
  const { methods, actions } = bench.fleet.getDeviceClient('cam-1')
  see(await thrownBy(methods.focus.invoke()))
  see(await thrownBy(methods.getLogs.invoke({ lines: 0 })))
  see(await thrownBy(actions.calibrate.attach('op-2', { timeoutInMs: 1 })))
  see(await thrownBy((await actions.polish.begin()).result({ timeoutInMs: 10_000 })))
  see(await thrownBy(bench.fleet.getDeviceClient('cam-2').methods.focus.invoke()))
  await using failing = await BackEndProcess.start({ settings, deviceId: 'cam-2', operationId: 'op-1' })
  expect(await failing.exited()).toMatchObject({ code: 1 })
  expect(failing.output).toContain('DeviceNotFound')

  // Keys that are not right, and strings that are none.
  const { connectionString, ...options } = settings
  const wrongKey = connectionString.replace(backEndKey, otherKey)
  await using refused = FleetClient.fromConnectionString(wrongKey, camera, options)
  see(await thrownBy(refused.getDeviceClient('cam-1').methods.focus.invoke()))
  see(refused)
  see(bench.fleet)
  see(thrown(() => FleetClient.fromConnectionString(connectionString.replace('HostName', 'Host'), camera)))
  const implementation = { contract: camera, methods: new Map(), actions: new Map(), configurations: new Map() }
  const malformed = hub.deviceConnectionString('cam-1').replace('HostName', 'Host')
  see(thrown(() => DeviceAgent.fromConnectionString(malformed, implementation, { stateDirectory: 'unused' })))

  see(device.output)
  see(backEnd.output)
  see(failing.output)
  see(await device.readState())
  see(await bench.reported('cam-1'))
  const all = seen.join('\n')
  expect(all).toContain('Unauthorized')
  expect(all).toContain('InvalidConnectionString')
  for (const secret of [canary, deviceKey, backEndKey, otherKey, 'SharedAccessSignature', 'sig=']) {
    expect(all.split('\n').filter(line => line.includes(secret))).toEqual([])
    expect(all).not.toContain(encodeURIComponent(secret))
  }
}, 30_000)

function thrownBy(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => expect.fail('it should have failed'),
    (error: unknown) => error,
  )
}

function thrown(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return expect.fail('it should have failed')
}
