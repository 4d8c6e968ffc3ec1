// New firmware goes to a fleet in waves. The first camera is fine with it, but the version has licences for two cameras only: in the second
// wave cameras fail, a gate stops the rollout before the rest is touched, and all that was done is undone.
import { join } from 'node:path'
import { FleetClient, where } from '@iothub-dm/service'
import { DeviceGroup } from '../support/device-group.ts'
import { updatableCamera as camera, FirmwareMaker } from '../support/firmware-maker.ts'
import { play } from '../support/play.ts'
import { until } from '../support/until.ts'

const names = Array.from({ length: 10 }, (_, index) => `cam-${index}`)

/** The health check of a camera: without a licence, the new version sees nothing. */
const licensed = new Set<string>()
function isWell(name: string, version: string): boolean {
  if (version !== '2.0.0') return true
  if (licensed.size < 2) licensed.add(name)
  return licensed.has(name)
}

await play(async stage => {
  const { hub, narrator, directory } = stage
  await using maker = await FirmwareMaker.open(join(directory, 'images'))
  await using devices = new DeviceGroup(stage)
  await Promise.all(
    names.map(name =>
      devices.start(
        name,
        maker.software(name, version => isWell(name, version)),
      ),
    ),
  )
  narrator.say('device', `${names.length} cameras are connected, with version 1.0.0`)

  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, hub.serviceSide)
  const target = where<typeof camera>(t => t.tags('example').eq(hub.run))
  const running = (version: string) => target.and(where(t => t.reported('firmware', 'currentFwVersion').eq(version)))
  await until(
    () => fleet.count(running('1.0.0')),
    count => count === names.length,
  )

  const rolloutId = `firmware-200-${hub.run}`
  hub.removeAtEnd(`iothub-dm-rollout-${rolloutId}`) // what the rollout remembers, in the twin of a device that is none
  await using rollout = await fleet.actions.firmwareUpdate.beginRollout({
    rolloutId,
    request: await maker.release('2.0.0'),
    rollbackRequest: await maker.release('1.0.0', 'back-from-2.0.0'),
    target,
    waves: [
      { devices: 1, soakInMs: 0 },
      { percent: 60, soakInMs: 0 },
      { percent: 100, soakInMs: 0 },
    ],
    gates: [{ outcomes: ['failed'], maxShare: 0.05, minSample: 3, confidence: 0.9 }],
    pace: { startsPerMinute: 6_000 },
    ...hub.rolloutSide,
  })
  rollout.on('decision', ({ event }) => narrator.say('service', `decided: ${event.type}`))

  for await (const { state, counts } of rollout) {
    const { open = 0, succeeded = 0, failed = 0, untouched = 0 } = counts ?? {}
    if (state === undefined) continue
    narrator.progress(
      `wave ${state.wave + 1}, ${state.phase}: ${open} at work, ${succeeded} succeeded, ${failed} failed, ${untouched} untouched`,
    )
    if (state.hold === undefined || open > 0) continue
    narrator.success(`stopped: ${state.hold.reason}`)
    break
  }
  const deviceIds: string[] = []
  for await (const { deviceId } of fleet.query(target)) deviceIds.push(deviceId)
  for (const deviceId of deviceIds.toSorted()) {
    const { reason, detail } = await rollout.explain(deviceId)
    narrator.say('service', `${deviceId} is ${reason}: ${detail}`)
  }

  await rollout.rollBack()
  const { state } = await rollout.result()
  narrator.success(`the rollout is over: ${state?.ending}`)
  const there = await until(
    () => fleet.count(running('1.0.0')),
    count => count === names.length,
  )
  narrator.say('service', `${there} cameras run version 1.0.0`)
})
