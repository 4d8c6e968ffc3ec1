// A camera loses everything that it has recorded, its own memory of the operation too, and still tells afterwards that it is done.
// What cannot be taken back needs two steps: the camera has to be armed first.
import { join } from 'node:path'
import { FleetClient, isRefusedError } from '@iothub-dm/service'
import { play } from '../support/play.ts'
import { Supervisor } from '../support/supervisor.ts'
import { camera } from './contract.ts'

await play(async ({ hub, narrator, directory }) => {
  const { deviceId, connectionString } = await hub.createDevice('cam-1')
  await using device = new Supervisor(new URL('./device.ts', import.meta.url), {
    connectionString,
    stateDirectory: join(directory, 'data', 'state'),
    hub: hub.deviceSide,
  })
  device.on('connected', ({ processId }) => narrator.say('device', `process ${processId} is connected`))
  device.on('exited', ({ processId }) => narrator.say('device', `process ${processId} ended`))
  await device.start()

  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, hub.serviceSide)
  const { actions, methods } = fleet.getDeviceClient(deviceId)
  await methods.takePhoto.invoke()
  await methods.takePhoto.invoke()
  narrator.say('service', `before: ${JSON.stringify(await methods.getStatus.invoke())}`)

  const request = { level: 'data', keep: ['network'], reason: 'sold' } as const
  try {
    await actions.factoryReset.begin(request)
  } catch (error) {
    if (!isRefusedError(error, 'NotArmed')) throw error
    narrator.say('service', `refused with ${error.status}, ${error.code}: nobody loses data by mistake`)
  }

  // This one knows what it does: the camera is armed for this very request, and gets it with the token that it gave.
  const reset = await actions.factoryReset.begin(request, { acknowledge: 'losesData' })
  reset.on('progress', ({ state, status }) => narrator.progress(`factory reset is ${state}, ${status}`))
  const { level, keep, epoch } = await reset.result({ timeoutInMs: 60_000 })
  narrator.success(`factory reset of ${level} succeeded, ${keep.join()} kept, the camera is in its epoch ${epoch}`)
  const status = await methods.getStatus.invoke(undefined, { connectTimeoutInSeconds: 20 })
  narrator.say('service', `after: ${JSON.stringify(status)}`)
})
