// A camera at version 1 replaces itself by version 2, over a hub. Then it gets two bad versions, and is back at version 2 by itself each time.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type DeviceClient, FleetClient, isOperationFailedError } from '@iothub-dm/service'
import { type ImageServer, startImageServer } from '../support/image-server.ts'
import type { Narrator } from '../support/narrator.ts'
import { play } from '../support/play.ts'
import { CameraFactory } from './camera-factory.ts'
import { camera } from './contract.ts'
import { Launcher } from './launcher.ts'

const bytesPerSecond = 2_000_000

await play(async ({ hub, narrator, directory }) => {
  const factory = new CameraFactory(join(directory, 'images'))
  await mkdir(factory.imageDirectory)
  await using images = await startImageServer(factory.imageDirectory, bytesPerSecond)
  const { deviceId, connectionString } = await hub.createDevice('cam-1')
  const place = {
    connectionString,
    hub: hub.deviceSide,
    slotsDirectory: join(directory, 'slots'),
    stateDirectory: join(directory, 'state'),
    imageServerCa: images.ca,
  }
  const first = await factory.build('camera-1.0.0', { version: '1.0.0' })
  const configFile = await factory.equip(directory, place, first, '1.0.0')
  await using launcher = new Launcher({ slotsDirectory: place.slotsDirectory, configFile })
  narrate(launcher, narrator)
  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, hub.serviceSide)
  const camera1 = fleet.getDeviceClient(deviceId)
  await startAndConnect(launcher)
  const back = { camera1, images, factory, narrator }
  assert.equal(await versionOf(back), '1.0.0')

  assert.equal(await update(back, '2.0.0'), undefined)
  assert.equal(await versionOf(back), '2.0.0')

  assert.equal(await update(back, '2.1.0', 'unhealthy'), 'HealthCheckFailed')
  assert.equal(await versionOf(back), '2.0.0')

  assert.equal(await update(back, '2.2.0', 'crash'), 'RolledBack')
  assert.equal(await versionOf(back), '2.0.0')
})

interface BackEnd {
  readonly camera1: DeviceClient<typeof camera>
  readonly images: ImageServer
  readonly factory: CameraFactory
  readonly narrator: Narrator
}

/** @returns the code of the error with which the update failed; undefined when it succeeded */
async function update(
  { camera1, images, factory, narrator }: BackEnd,
  version: string,
  defect?: 'crash' | 'unhealthy',
): Promise<string | undefined> {
  const name = `camera-${version}`
  const file = await factory.build(name, { version, defect })
  const manifest = await factory.sign(file, version, line => narrator.say('service', `signs ${line}`))
  const operation = await camera1.actions.firmwareUpdate.begin({ manifest, fwPackageUri: images.urlOf(name) })
  narrator.say('service', `update to ${version}${defect === undefined ? '' : `, which is bad (${defect}),`} accepted`)
  operation.on('progress', ({ state, status, percent, detail }) => {
    const parts = [`${percent ?? 0} %`, detail].filter(part => part !== undefined)
    narrator.progress(`update is ${state}, ${status}: ${parts.join(', ')}`)
  })
  try {
    const { outcome, previousVersion } = await operation.result({ timeoutInMs: 120_000 })
    narrator.success(`${outcome}: version ${version} runs, after ${previousVersion}`)
    return undefined
  } catch (error) {
    if (!isOperationFailedError(error)) throw error
    narrator.success(`version ${version} did not stay: ${error.record.error?.code}, ${error.record.error?.message}`)
    return error.record.error?.code
  }
}

async function versionOf({ camera1, narrator }: BackEnd): Promise<string> {
  const version = await camera1.methods.getVersion.invoke(undefined, { connectTimeoutInSeconds: 20 })
  narrator.say('service', `getVersion answered: ${version}`)
  return version
}

/** Starts the device program and waits until it is connected; a program that ends instead is a failure. */
function startAndConnect(launcher: Launcher): Promise<void> {
  return new Promise((resolve, reject) => {
    launcher.once('connected', () => resolve())
    launcher.once('exited', (_, { exitCode }) => reject(new Error(`the device program ended with code ${exitCode}`)))
    launcher.start().catch(reject)
  })
}

function narrate(launcher: Launcher, narrator: Narrator): void {
  launcher.on('output', text => narrator.say('device', text.trimEnd()))
  launcher.on('started', ({ processId, slot, isTrial }) => {
    narrator.say('device', `process ${processId} started from slot ${slot}${isTrial ? ', on trial' : ''}`)
  })
  launcher.on('connected', ({ processId }, version) => {
    narrator.say('device', `process ${processId} is connected: version ${version}`)
  })
  launcher.on('exited', ({ processId }, { exitCode }) => {
    narrator.say('device', `process ${processId} ended with code ${exitCode}`)
  })
}
