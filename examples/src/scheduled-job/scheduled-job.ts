// The hub restarts cameras by itself, at a time that was agreed, also when the back end has ended; and tells what became of each.
import { once } from 'node:events'
import { implement } from '@iothub-dm/device'
import { action, defineContract, isIotHubDmError, reboot } from '@iothub-dm/protocol'
import { type DeviceJobOutcome, FleetClient, isRefusedError, where } from '@iothub-dm/service'
import { DeviceGroup } from '../support/device-group.ts'
import { play } from '../support/play.ts'
import { until } from '../support/until.ts'

const camera = defineContract({ actions: { reboot, record: action() } })
const software = (restart: () => void) =>
  implement(camera, {
    actions: {
      reboot: op => op.restart(restart),
      record: op => once(op.signal, 'abort').then(() => op.signal.throwIfAborted()), // until somebody cancels it
    },
  })

await play(async stage => {
  const { hub, narrator } = stage
  await using devices = new DeviceGroup(stage)
  const tags = { site: 'oslo' }
  const deviceIds = await Promise.all(
    ['cam-1', 'cam-2', 'cam-busy'].map(name => devices.start(name, software, { tags })),
  )
  const { deviceId: away } = await hub.createDevice('cam-away', tags)
  narrator.say('device', `${deviceIds.join(', ')} are connected, ${away} is not`)

  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, hub.serviceSide)
  const ours = where<typeof camera>(t => t.tags('example').eq(hub.run))
  await until(
    () => fleet.count(ours),
    count => count === 4,
  )
  const recording = await fleet.getDeviceClient(deviceIds.at(-1) ?? '').actions.record.begin()

  const startTime = new Date(Date.now() + 1_000)
  const job = await fleet.actions.reboot.schedule(
    { reason: 'monthly' },
    { condition: ours, startTime, jobId: `reboot-${hub.run}` },
  )
  narrator.say('service', `job ${job.jobId} begins at ${startTime.toISOString()}`)
  await until(
    () => job.get(),
    ({ status, deviceCounts }) => {
      const { succeeded = 0, failed = 0, devices: all = 0 } = deviceCounts ?? {}
      narrator.progress(
        `the job is ${status}: of ${all} devices ${succeeded} have answered, ${failed} could not be reached`,
      )
      return status === 'completed' || status === 'failed'
    },
  )
  narrator.success('the job is completed')
  for await (const outcome of job.outcomes()) narrator.say('service', `${outcome.deviceId}: ${describe(outcome)}`)

  // The job is over when the devices have answered. How far they are, they report themselves.
  const { byState } = await until(
    () => fleet.actions.reboot.summary(ours),
    summary => summary.byState.succeeded === 2,
  )
  narrator.say('service', `${byState.succeeded} cameras have restarted`)
  await recording.cancel()
})

function describe(outcome: DeviceJobOutcome<{ readonly state: string }>): string {
  if (outcome.state === 'succeeded') return `restart ${outcome.response.state}`
  if (outcome.state !== 'failed') return outcome.state
  const { error } = outcome
  if (isRefusedError(error, 'Busy')) return `refused, busy with ${error.operation?.action}`
  if (isIotHubDmError(error, 'JobDeviceFailed')) return 'not reached, it is away'
  throw error
}
