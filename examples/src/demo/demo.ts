// A back end reboots a device through a hub: the device's process really ends and comes back.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { FleetClient } from '@iothub-dm/service'
import type { Narrator } from '../support/narrator.ts'
import { play } from '../support/play.ts'
import { type DeviceLife, Supervisor } from '../support/supervisor.ts'
import { camera } from './contract.ts'

await play(async ({ hub, narrator, directory }) => {
  const { deviceId, connectionString } = await hub.createDevice('cam-1')
  await using device = new Supervisor(new URL('./device.ts', import.meta.url), {
    connectionString,
    stateDirectory: join(directory, 'state'),
    hub: hub.deviceSide,
  })
  const lives = narrateDevice(device, deviceId, narrator)
  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, hub.serviceSide)
  const camera1 = fleet.getDeviceClient(deviceId)

  await device.start()
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
  const reported = JSON.stringify(await hub.readReported(deviceId), withoutMetadata, 2)
  narrator.say('twin', `reported properties, read by azure-iothub: ${reported}`)

  const [first, second] = lives
  assert(first !== undefined && second !== undefined, 'the device program did not come back')
  assert.notEqual(first.processId, second.processId, 'the device process did not change')
  assert.notEqual(first.bootId, second.bootId, 'the boot id did not change')
  assert(states.has('restarting'), 'the back end did not see the device restarting')
  assert.match(reported, /"lastReboot": "/, 'the twin does not show the reboot')
  assert(
    after.some(line => line.includes(`went on in boot ${second.bootId}`)),
    'the handler did not go on',
  )
})

/** The hub keeps the time of every change beside every property; here they would only hide the properties. */
function withoutMetadata(key: string, value: unknown): unknown {
  return key === '$metadata' ? undefined : value
}

/** @returns the lives of the device program so far; grows */
function narrateDevice(device: Supervisor, deviceId: string, narrator: Narrator): readonly DeviceLife[] {
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
