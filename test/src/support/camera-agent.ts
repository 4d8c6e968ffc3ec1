import { inspect } from 'node:util'
import { DeviceAgent } from '@iothub-dm/device'
import { cameraSoftware } from './camera-handlers.ts'
import type { DeviceSettings } from './device-messages.ts'
import { tell } from './gate.ts'

/** Opens the agent of the test device; prints all that it hears from it. */
export async function openCameraAgent(settings: DeviceSettings): Promise<void> {
  const { connectionString, ca, stateDirectory, bootId, methodTimeoutInMs } = settings
  const agent = DeviceAgent.fromConnectionString(connectionString, cameraSoftware, {
    ca,
    stateDirectory,
    bootId,
    methodTimeoutInMs,
    progressIntervalInMs: 0,
    requestTimeoutInMs: 2_000,
    reconnect: { firstDelayInMs: 20, baseDelayInMs: 100, maxDelayInMs: 500 },
  })
  agent.on('connected', () => tell({ type: 'connected' }))
  agent.on('disconnected', reason => {
    print('disconnected', reason)
    tell({ type: 'disconnected' })
  })
  agent.on('operation', change => print('operation', change))
  agent.on('error', error => print('error', error))
  await agent.open()
}

function print(what: string, value: unknown): void {
  process.stdout.write(`${what}: ${inspect(value, { depth: 10, showHidden: true })}\n`)
}
