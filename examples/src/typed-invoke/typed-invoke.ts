// A back end calls methods of cameras. The contract types names, requests and responses, and every way in which a call fails has a code.
import { join } from 'node:path'
import { inspect } from 'node:util'
import { DeviceAgent, implement } from '@iothub-dm/device'
import { defineContract, isIotHubDmError, method } from '@iothub-dm/protocol'
import { FleetClient, isHubError, isRefusedError } from '@iothub-dm/service'
import * as v from 'valibot'
import { play } from '../support/play.ts'

/** What a camera can do. Its software and the back end both import it. */
const camera = defineContract({
  methods: {
    getLogs: method({ request: v.object({ lines: v.pipe(v.number(), v.minValue(1)) }), response: v.array(v.string()) }),
    zoom: method({ request: v.object({ factor: v.number() }), response: v.object({ factor: v.number() }) }),
  },
})

const software = implement(camera, {
  methods: {
    getLogs: ({ lines }) => ['started', 'connected', 'zoomed'].slice(-lines),
    zoom: ({ factor }) => ({ factor: Math.min(factor, 8) }),
  },
})

/** What an older camera can do: it does not zoom, and gives few lines. */
const olderCamera = defineContract({
  methods: { getLogs: method({ request: v.object({ lines: v.pipe(v.number(), v.maxValue(10)) }) }) },
})

const olderSoftware = implement(olderCamera, { methods: { getLogs: () => undefined } })

await play(async ({ hub, narrator, directory }) => {
  const newCamera = await hub.createDevice('cam-new')
  const oldCamera = await hub.createDevice('cam-old')
  const absent = await hub.createDevice('cam-absent')
  const options = (name: string) => ({ ...hub.deviceSide, stateDirectory: join(directory, name) })
  await using newAgent = DeviceAgent.fromConnectionString(newCamera.connectionString, software, options('new'))
  await using oldAgent = DeviceAgent.fromConnectionString(oldCamera.connectionString, olderSoftware, options('old'))
  await Promise.all([newAgent.open(), oldAgent.open()])

  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, camera, hub.serviceSide)
  const { methods } = fleet.getDeviceClient(newCamera.deviceId)
  const lines = await methods.getLogs.invoke({ lines: 2 }) // string[]
  narrator.say('service', `getLogs gave ${inspect(lines)}`)
  const { factor } = await methods.zoom.invoke({ factor: 20 }) // number
  narrator.say('service', `zoom gave ${factor}`)

  // What breaks the types does not compile, and what breaks the schema is not sent.
  // methods.zoom.invoke({ factor: '20' })
  narrator.say('service', `0 lines: ${await failure(methods.getLogs.invoke({ lines: 0 }))}`)

  const old = fleet.getDeviceClient(oldCamera.deviceId).methods
  narrator.say('service', `too many lines: ${await failure(old.getLogs.invoke({ lines: 500 }))}`)
  narrator.say('service', `zoom of an older camera: ${await failure(old.zoom.invoke({ factor: 2 }))}`)

  const away = fleet.getDeviceClient(absent.deviceId).methods
  narrator.say('service', `a camera that is switched off: ${await failure(away.zoom.invoke({ factor: 2 }))}`)
  const unknown = fleet.getDeviceClient('cam-nowhere').methods
  narrator.say('service', `a camera that nobody knows: ${await failure(unknown.zoom.invoke({ factor: 2 }))}`)
  narrator.success('two answers, five failures, each told apart by its code')
})

/** What a back end does about failures: it looks at codes, never at words. */
async function failure(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    if (isIotHubDmError(error, 'InvalidRequest')) return `${error.code}, nothing was sent`
    if (isRefusedError(error, 'InvalidPayload'))
      return `${error.code}, refused by the device: ${error.issues[0]?.message}`
    if (isRefusedError(error, 'MethodNotFound'))
      return `${error.code}, refused by the device with ${error.status}: update its software`
    if (isHubError(error, 'DeviceOffline')) {
      const { code, retryable, outcomeUnknown } = error
      return `${code}, ${outcomeUnknown ? 'maybe' : 'certainly not'} done, ${retryable ? 'try again later' : 'give up'}`
    }
    if (isHubError(error, 'DeviceNotFound')) return `${error.code}, check the id`
    throw error
  }
  throw new Error('the call should have failed')
}
