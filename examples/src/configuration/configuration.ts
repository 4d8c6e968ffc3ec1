// A back end sets configurations of a gateway and waits until they are in use. One of them cuts the gateway off; it puts that back by itself.
import { join } from 'node:path'
import { DeviceAgent, implement } from '@iothub-dm/device'
import { configuration, defineContract, isIotHubDmError } from '@iothub-dm/protocol'
import { FleetClient } from '@iothub-dm/service'
import * as v from 'valibot'
import { play } from '../support/play.ts'
import { openUplink, type Uplink } from './uplink.ts'

const gateway = defineContract({
  configurations: {
    telemetry: configuration(v.object({ sendFrequencySeconds: v.pipe(v.number(), v.minValue(1)) })),
    network: configuration(v.object({ apn: v.string() })),
  },
})

/** The software of a gateway: there is only one network that leads to the hub. */
const software = (uplink: Uplink) =>
  implement(gateway, {
    configurations: {
      telemetry: {
        handle: (desired = { sendFrequencySeconds: 60 }) => {
          if (desired.sendFrequencySeconds < 5) throw new Error('the battery would be empty in a day')
        },
        defaults: { sendFrequencySeconds: 60 },
      },
      network: {
        handle: desired => uplink.set(desired?.apn === 'internet'),
        confirmWithinInMs: 1_500, // kept only when the hub is reached again with it, and put back otherwise
      },
    },
  })

await play(async ({ hub, narrator, directory }) => {
  await using uplink = await openUplink(hub.deviceSide.endpoint ?? { host: hub.hostName, port: 8883 })
  const { deviceId, connectionString } = await hub.createDevice('gateway-1')
  await using agent = DeviceAgent.fromConnectionString(connectionString, software(uplink), {
    ...hub.deviceSide,
    endpoint: uplink.endpoint,
    stateDirectory: join(directory, 'state'),
    reconnect: { profile: 'single' },
  })
  agent.on('connected', () => narrator.say('device', 'connected'))
  agent.on('disconnected', () => narrator.say('device', 'cut off'))
  agent.on('configuration', ({ name, acknowledgement }) => {
    const { ac, value } = acknowledgement ?? {}
    narrator.say('device', `${name} is acknowledged with ${ac}, ${JSON.stringify(value)} is in use`)
  })
  await agent.open()

  await using fleet = FleetClient.fromConnectionString(hub.serviceConnectionString, gateway, hub.serviceSide)
  const { telemetry, network } = fleet.getDeviceClient(deviceId).configurations
  const { state } = await telemetry.set({ sendFrequencySeconds: 10 })
  narrator.success(`telemetry every 10 s is ${state}`)
  narrator.say('service', `telemetry every 0 s: ${await failure(telemetry.set({ sendFrequencySeconds: 0 }))}`)
  narrator.say('service', `telemetry every 2 s: ${await failure(telemetry.set({ sendFrequencySeconds: 2 }))}`)
  await telemetry.set({ sendFrequencySeconds: 10 })

  await network.set({ apn: 'internet' })
  narrator.success('network internet is applied')
  narrator.progress('network intranet, from which the hub cannot be reached')
  narrator.success(`network intranet: ${await failure(network.set({ apn: 'intranet' }))}`)
  const now = await network.get()
  if (now.state === 'failed') narrator.say('service', `the gateway is still there, with ${JSON.stringify(now.value)}`)
})

async function failure(setting: Promise<unknown>): Promise<string> {
  try {
    await setting
  } catch (error) {
    if (isIotHubDmError(error, 'InvalidRequest')) return `${error.code}, nothing was written`
    if (isIotHubDmError(error, 'ConfigurationFailed')) return `${error.code}, ${error.message}`
    throw error
  }
  throw new Error('it should have failed')
}
