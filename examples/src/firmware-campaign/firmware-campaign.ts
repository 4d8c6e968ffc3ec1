// The hub brings firmware to all cameras of a condition, now and later, and counts how far they are. The second version is bad: the cameras
// go back by themselves, and the campaign is taken back by removing it: the one with the lower priority takes over.
import { join } from 'node:path'
import { FleetClient, where } from '@iothub-dm/service'
import { DeviceGroup } from '../support/device-group.ts'
import { updatableCamera as camera, FirmwareMaker } from '../support/firmware-maker.ts'
import { play } from '../support/play.ts'
import { until } from '../support/until.ts'

const names = ['cam-1', 'cam-2', 'cam-3']
const isWell = (version: string) => version !== '2.0.0'

await play(async stage => {
  const { hub, narrator, directory } = stage
  await using maker = await FirmwareMaker.open(join(directory, 'images'))
  await using devices = new DeviceGroup(stage)
  const tags = { site: 'oslo' }
  await Promise.all(names.map(name => devices.start(name, maker.software(name, isWell), { tags })))
  narrator.say('device', `${names.length} cameras are connected, with version 1.0.0`)

  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, hub.serviceSide)
  const campaigns = fleet.hubConfigurations
  const condition = where<typeof camera>(t => t.tags('example').eq(hub.run).and(t.tags('site').eq('oslo')))
  const running = (version: string) => condition.and(where(t => t.reported('firmware', 'currentFwVersion').eq(version)))
  const good = `firmware-110-${hub.run}`
  const bad = `firmware-200-${hub.run}`

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
    await campaigns.createFirmwareCampaign(good, await maker.release('1.1.0'), { condition, priority: 10 })
    await watch(good, 'current', '1.1.0')

    await campaigns.createFirmwareCampaign(bad, await maker.release('2.0.0'), { condition, priority: 20 })
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
