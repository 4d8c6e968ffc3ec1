// A back end asks its fleet: how many, where, who is in error and why, who has restarted since. Each question is one query, however many
// devices there are.
import { implement } from '@iothub-dm/device'
import { action, defineContract, reboot } from '@iothub-dm/protocol'
import { FleetClient, isOperationFailedError, where } from '@iothub-dm/service'
import * as v from 'valibot'
import { DeviceGroup } from '../support/device-group.ts'
import { play } from '../support/play.ts'
import { until } from '../support/until.ts'

const calibrate = action({ result: v.object({ offset: v.number() }), errors: ['lensDirty', 'tooDark'] })
const camera = defineContract({ actions: { reboot, calibrate } })

/** The software of a camera, and what is wrong with that one. */
function software(restart: () => void, trouble?: 'lensDirty' | 'tooDark') {
  return implement(camera, {
    actions: {
      reboot: op => op.restart(restart),
      calibrate: op => (trouble === undefined ? { offset: 0.5 } : op.fail(trouble, 'seen by sensor 2')),
    },
  })
}

const cameras = [
  { name: 'cam-1', site: 'oslo', trouble: undefined },
  { name: 'cam-2', site: 'oslo', trouble: 'lensDirty' },
  { name: 'cam-3', site: 'oslo', trouble: undefined },
  { name: 'cam-4', site: 'bergen', trouble: 'tooDark' },
  { name: 'cam-5', site: 'bergen', trouble: undefined },
] as const

await play(async stage => {
  const { hub, narrator } = stage
  await using devices = new DeviceGroup(stage)
  const deviceIds = await Promise.all(
    cameras.map(({ name, site, trouble }) =>
      devices.start(name, restart => software(restart, trouble), { tags: { site } }),
    ),
  )
  narrator.say('device', `${deviceIds.length} cameras are connected`)

  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, hub.serviceSide)
  const ours = where<typeof camera>(t => t.tags('example').eq(hub.run))
  const inOslo = ours.and(where(t => t.tags('site').eq('oslo')))
  const isCounted = (count: number) => count === deviceIds.length
  narrator.say(
    'service',
    `of ${await until(() => fleet.count(ours), isCounted)} cameras ${await fleet.count(inOslo)} are in oslo`,
  )

  // Every camera calibrates itself; afterwards those in oslo restart.
  const startTime = new Date().toISOString()
  const calibrations = await Promise.all(deviceIds.map(id => fleet.getDeviceClient(id).actions.calibrate.begin()))
  await Promise.all(calibrations.map(calibration => calibration.result().catch(ignoreFailure)))
  for await (const { deviceId } of fleet.query(inOslo)) {
    const operation = await fleet.getDeviceClient(deviceId).actions.reboot.begin({ reason: 'calibrated' })
    operation.on('progress', ({ state }) => narrator.progress(`${deviceId} is ${state}`))
    await operation.result()
    narrator.success(`${deviceId} has restarted`)
  }

  const { byState, none } = await until(
    () => fleet.actions.calibrate.summary(ours),
    summary => summary.byState.succeeded + summary.byState.failed === deviceIds.length,
  )
  narrator.say('service', `calibrations: ${byState.succeeded} succeeded, ${byState.failed} failed, ${none} never done`)

  const inError = ours.and(where(t => t.action('calibrate').state.eq('failed')))
  for await (const { deviceId, record } of fleet.actions.calibrate.operations(inError)) {
    narrator.say('service', `in error: ${deviceId}, ${record.error?.code}: ${record.error?.message}`)
  }
  const dirty = ours.and(where(t => t.action('calibrate').errorCode.eq('lensDirty'))) // 'lensDusty' would not compile
  narrator.say('service', `lenses to clean: ${await fleet.count(dirty)}`)

  const restarted = ours.and(
    where(t => t.action('reboot').state.eq('succeeded').and(t.action('reboot').finishedTime.gt(startTime))),
  )
  const restartedIds: string[] = []
  await until(
    () => fleet.count(restarted),
    count => count === 3,
  )
  for await (const { deviceId } of fleet.query(restarted)) restartedIds.push(deviceId)
  narrator.say('service', `restarted since ${startTime}: ${restartedIds.toSorted().join(', ')}`)
})

/** That an operation failed is what the queries are about. */
function ignoreFailure(error: unknown): void {
  if (!isOperationFailedError(error)) throw error
}
