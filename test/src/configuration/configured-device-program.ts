import { DeviceAgent, implement } from '@iothub-dm/device'
import { noteInBlackBox } from '../support/black-box.ts'
import { settings } from '../support/device-settings.ts'
import { passGate, tell } from '../support/gate.ts'
import { device } from './contract.ts'

/** A device with configurations, as a program; its handler of `telemetry` stands at the gate `telemetry`. */
process.on('disconnect', () => process.exit()) // whoever started it is gone
const { connectionString, ca, stateDirectory, bootId, blackBox } = settings
const implementation = implement(device, {
  configurations: {
    telemetry: async (desired, { version, attempt, signal }) => {
      noteInBlackBox(blackBox, { type: 'effect', name: `telemetry ${desired?.fps} at ${version}`, attempt })
      await passGate('telemetry', signal)
    },
    zones: () => {},
  },
})
const agent = DeviceAgent.fromConnectionString(connectionString, implementation, { ca, stateDirectory, bootId })
agent.on('connected', () => tell({ type: 'connected' }))
await agent.open()
