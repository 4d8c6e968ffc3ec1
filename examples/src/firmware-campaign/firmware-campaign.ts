// The hub brings firmware to all cameras of a condition, now and later, and counts how far they are. The second version is bad: the cameras
// go back by themselves, and the campaign is taken back by removing it: the one with the lower priority takes over.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firmwareUpdateWith, imageDownloader, implement } from '@iothub-dm/device'
import { publicKeyOf, signFirmwareManifest } from '@iothub-dm/device/signing'
import { defineContract, firmwareUpdate } from '@iothub-dm/protocol'
import { type CampaignFirmware, FleetClient, where } from '@iothub-dm/service'
import { startImageServer } from '../firmware-update/image-server.ts'
import { imageServerHost } from '../firmware-update/image-server-host.ts'
import { DeviceGroup } from '../support/device-group.ts'
import { play } from '../support/play.ts'
import { until } from '../support/until.ts'
import { Flash, type Image } from './flash.ts'

const camera = defineContract({ actions: { firmwareUpdate } })
const key = { kid: 'release-1', privateKey: generateKeyPairSync('ed25519').privateKey }
const keySet = { version: 1, threshold: 1, keys: [publicKeyOf(key)] } // built into the cameras

await play(async stage => {
  const { hub, narrator, directory } = stage
  const imageDirectory = join(directory, 'images')
  await mkdir(imageDirectory)
  // What stands in a hub configuration is read by many, so it has no token in it. The signature is what the cameras trust.
  await using images = await startImageServer(imageDirectory, undefined, 'public')

  const software = (name: string) => {
    const flash = new Flash()
    return (restart: () => void) => {
      flash.boot()
      const update = firmwareUpdateWith(flash.target(restart), {
        directory: join(directory, `${name}-firmware`),
        trust: { keySet },
        device: { model: 'camera' },
        download: imageDownloader({ ca: images.ca, privateHosts: [imageServerHost] }),
      })
      return implement(camera, { actions: { firmwareUpdate: update } })
    }
  }
  await using devices = new DeviceGroup(stage)
  const names = ['cam-1', 'cam-2', 'cam-3']
  const tags = { site: 'oslo' }
  await Promise.all(names.map(name => devices.start(name, software(name), { tags })))
  narrator.say('device', `${names.length} cameras are connected, with version 1.0.0`)

  /** Makes an image, and signs for it. */
  const release = async (image: Image): Promise<CampaignFirmware> => {
    const { version } = image
    const file = join(imageDirectory, `camera-${version}`)
    const bytes = JSON.stringify(image)
    await writeFile(file, bytes)
    const sequence = Number(version.replaceAll('.', ''))
    const expires = new Date(Date.now() + 3_600_000).toISOString()
    const facts = { version, sequence, models: ['camera'], expires }
    const { document, signatures } = await signFirmwareManifest(file, facts, [key], () => {})
    return {
      fwVersion: version,
      fwPackageURI: images.urlOf(`camera-${version}`),
      fwPackageCheckValue: createHash('sha256').update(bytes).digest('hex'),
      manifest: { document, signatures: [...signatures] },
    }
  }

  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, hub.serviceSide)
  const campaigns = fleet.hubConfigurations
  const condition = where<typeof camera>(t => t.tags('example').eq(hub.run).and(t.tags('site').eq('oslo')))
  const good = `firmware-1.1.0-${hub.run}`.replaceAll('.', '-')
  const bad = `firmware-2.0.0-${hub.run}`.replaceAll('.', '-')

  const running = (version: string) => condition.and(where(t => t.reported('firmware', 'currentFwVersion').eq(version)))

  /** Shows the numbers of a campaign, until one of its five metrics counts all cameras, and all run a version. */
  const watch = async (id: string, metric: string, version: string): Promise<void> => {
    await until(
      async () => ({ ...(await campaigns.get(id)), there: await fleet.count(running(version)) }),
      ({ targeted, applied, metrics, there }) => {
        const counts = Object.entries(metrics).map(([name, { devices: count }]) => `${name} ${count ?? '?'}`)
        narrator.progress(`${id} targets ${targeted ?? '?'}, applied to ${applied ?? '?'}: ${counts.join(', ')}`)
        // Cameras that have not begun yet are `current` too, with the version before.
        return metrics[metric]?.devices === names.length && there === names.length
      },
    )
    narrator.success(`${id}: all ${names.length} cameras are ${metric}, with version ${version}`)
  }

  try {
    await campaigns.createFirmwareCampaign(good, await release({ version: '1.1.0', works: true }), {
      condition,
      priority: 10,
    })
    await watch(good, 'current', '1.1.0')

    await campaigns.createFirmwareCampaign(bad, await release({ version: '2.0.0', works: false }), {
      condition,
      priority: 20,
    })
    await watch(bad, 'rolledback', '1.1.0')
    for await (const { deviceId, record } of fleet.actions.firmwareUpdate.operations(condition)) {
      narrator.say('service', `${deviceId} ${record.state}: ${record.error?.code}, ${record.error?.message}`)
    }

    await campaigns.remove(bad)
    narrator.say('service', `${bad} is removed, ${good} takes over`)
    await watch(good, 'current', '1.1.0')
  } finally {
    const ours = (await campaigns.list()).filter(({ id }) => id === good || id === bad)
    await Promise.all(ours.map(({ id }) => campaigns.remove(id)))
  }
})
