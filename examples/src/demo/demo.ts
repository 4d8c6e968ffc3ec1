// A back end reboots a device through a hub: the device's process really ends and comes back.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { FleetClient } from '@iothub-dm/service'
import { camera } from './contract.ts'
import { type DemoHub, openDemoHub } from './demo-hub.ts'
import { Narrator } from './narrator.ts'
import { type DeviceLife, Supervisor } from './supervisor.ts'

const narrator = new Narrator()

async function main(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'iothub-dm-demo-'))
  try {
    await using hub = await openDemoHub(process.env.IOTHUB_CONNECTION_STRING)
    narrator.say('hub', hub.description)
    const caFile = join(directory, 'ca.pem')
    await writeFile(caFile, hub.deviceSide.ca ?? '')
    await using device = new Supervisor(
      { connectionString: hub.deviceConnectionString, stateDirectory: join(directory, 'state'), hub: hub.deviceSide },
      caFile,
    )
    await rebootThrough(hub, device)
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function rebootThrough(hub: DemoHub, device: Supervisor): Promise<void> {
  const lives = narrateDevice(device, hub.deviceId)
  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, {
    ...hub.serviceSide,
    pollIntervalInMs: 200,
  })
  const camera1 = fleet.getDeviceClient(hub.deviceId)

  await startAndConnect(device)
  const before = await camera1.methods.getLogs.invoke({ lines: 10 }, { connectTimeoutInSeconds: 20 })
  narrator.say('service', `getLogs answered: ${inspect(before)}`)

  const startTime = Date.now()
  const reboot = await camera1.actions.reboot.begin({ delaySeconds: 1, reason: 'demo' })
  narrator.say('service', `reboot accepted as operation ${reboot.operationId}`)
  const states = new Set<string>()
  reboot.on('progress', record => {
    states.add(record.state)
    const detail = record.detail === undefined ? '' : `, ${record.detail}`
    narrator.progress(`reboot is ${record.state}, attempt ${record.attempt}${detail}`)
  })
  await reboot.result({ timeoutInMs: 60_000 })
  narrator.success(`reboot succeeded after ${Date.now() - startTime} ms, proven by a new boot id`)

  const after = await camera1.methods.getLogs.invoke({ lines: 10 }, { connectTimeoutInSeconds: 20 })
  narrator.say('service', `getLogs answered: ${inspect(after)}`)
  const reported = await hub.readReported()
  narrator.say('twin', `reported properties, read by azure-iothub: ${JSON.stringify(reported, withoutMetadata, 2)}`)

  const [first, second] = lives
  assert(first !== undefined && second !== undefined, 'the device program did not come back')
  assert.notEqual(first.processId, second.processId, 'the device process did not change')
  assert.notEqual(first.bootId, second.bootId, 'the boot id did not change')
  assert(states.has('restarting'), 'the back end did not see the device restarting')
  assert(typeof reported.iothubDM?.reboot?.lastReboot === 'string', 'the twin does not show the reboot')
  assert(
    after.some(line => line.includes(`went on in boot ${second.bootId}`)),
    'the handler did not go on',
  )
}

/** Starts the device program and waits until it is connected; a program that ends instead is a failure. */
function startAndConnect(device: Supervisor): Promise<void> {
  return new Promise((resolve, reject) => {
    device.once('connected', () => resolve())
    device.once('exited', (_life, exitCode) => reject(new Error(`the device program ended with code ${exitCode}`)))
    device.start()
  })
}

/** The hub keeps the time of every change beside every property; here they would only hide the properties. */
function withoutMetadata(key: string, value: unknown): unknown {
  return key === '$metadata' ? undefined : value
}

/** @returns the lives of the device program so far; grows */
function narrateDevice(device: Supervisor, deviceId: string): readonly DeviceLife[] {
  const lives: DeviceLife[] = []
  device.on('connected', life => {
    lives.push(life)
    narrator.say('device', `${deviceId} is connected: process ${life.processId}, boot ${life.bootId}`)
  })
  device.on('exited', (life, exitCode) => {
    narrator.say('device', `process ${life.processId} ended with code ${exitCode}`)
  })
  return lives
}

try {
  await main()
} catch (error) {
  narrator.failure(`the demo failed: ${inspect(error)}`)
  process.exitCode = 1
}
