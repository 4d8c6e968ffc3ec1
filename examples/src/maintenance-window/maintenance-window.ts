// A back end asks a camera for a reboot while it is switched off. The camera takes the request up when it connects, waits until nobody uses
// it, then for its maintenance window; and begins at once when the window is overridden.
import { join } from 'node:path'
import { type ConsentHook, implement } from '@iothub-dm/device'
import { defineContract, type MaintenancePolicy, maintenanceWindow, reboot } from '@iothub-dm/protocol'
import { FleetClient } from '@iothub-dm/service'
import { play } from '../support/play.ts'
import { RestartingDevice } from '../support/restarting-device.ts'

const camera = defineContract({ actions: { reboot }, configurations: { maintenanceWindow } })
const software = (restart: () => void) => implement(camera, { actions: { reboot: op => op.restart(restart) } })

const hourInMs = 3_600_000
const inTwelveHours = new Date(Date.now() + 12 * hourInMs).toISOString().slice(11, 16)
const nights: MaintenancePolicy = { timeZone: 'UTC', windows: [{ start: inTwelveHours, durationMinutes: 60 }] }

await play(async ({ hub, narrator, directory }) => {
  const { deviceId, connectionString } = await hub.createDevice('cam-1')

  /** Somebody looks through the camera, for a second from the first time that it is asked. */
  let busyUntil: Date | undefined
  const consent: ConsentHook = ({ action }) => {
    busyUntil ??= new Date(Date.now() + 1_000)
    if (new Date() < busyUntil) return { askAgainAt: busyUntil }
    narrator.say('device', `nobody looks through the camera any more, ${action} is granted`)
    return 'granted'
  }
  const progressIntervalInMs = 200 // by default a device tells news of the same state every ten seconds
  const options = { ...hub.deviceSide, stateDirectory: join(directory, 'state'), consent, progressIntervalInMs }
  await using device = new RestartingDevice(connectionString, software, options)

  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, hub.serviceSide)
  const { actions, configurations } = fleet.getDeviceClient(deviceId)
  const { state } = await configurations.maintenanceWindow.set(nights, { timeoutInMs: 0 })
  narrator.say('service', `the window opens daily at ${inTwelveHours} UTC; on the camera this is ${state}`)

  const expiresAt = new Date(Date.now() + 24 * hourInMs)
  const operation = await actions.reboot.begin({ reason: 'leak' }, { whenOffline: 'desired', expiresAt })
  narrator.say('service', `the camera is away, so the reboot stands in its twin: it is ${operation.record.state}`)
  await device.start()
  narrator.say('device', 'switched on and connected')

  for await (const record of operation) {
    const { detail = '' } = record
    narrator.progress(`reboot is ${record.state}${detail === '' ? '' : `, ${detail}`}`)
    if (!detail.includes('maintenance window')) continue
    narrator.success(`the reboot waits for the window; this one cannot wait`)
    const override = { until: new Date(Date.now() + hourInMs).toISOString(), reason: 'the leak is known' }
    await configurations.maintenanceWindow.set({ ...nights, override })
  }
  await operation.result()
  narrator.success('the camera has restarted, outside of its window')
})
