// The firmware of the demo's camera: a program of its own, started again and again by its supervisor.
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeviceAgent, implement } from '@iothub-dm/device'
import { readDeviceEnvironment, rebootExitCode } from '../support/device-environment.ts'
import { camera } from './contract.ts'

const { connectionString, stateDirectory, bootId, hub } = readDeviceEnvironment(process.env)
const logFile = join(stateDirectory, 'camera.log')
const log = (line: string) => appendFile(logFile, `${line}\n`, { mode: 0o600 })

const implementation = implement(camera, {
  methods: {
    getLogs: async ({ lines }) => (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-lines),
  },
  actions: {
    reboot: async op => {
      await op.step('flush', () => log(`flushed for operation ${op.operationId}`)) // once done, never repeated
      await op.restart(() => process.exit(rebootExitCode)) // on a real device: exec('systemctl reboot')
      await log(`operation ${op.operationId} went on in boot ${bootId}`) // this line runs in the next life
    },
  },
})

const agent = DeviceAgent.fromConnectionString(connectionString, implementation, { ...hub, stateDirectory, bootId })
agent.on('error', error => console.error(error))
agent.once('connected', () => process.send?.({ type: 'connected', processId: process.pid, bootId }))
await agent.open()
await log(`boot ${bootId}, process ${process.pid}`)
process.once('SIGTERM', () => {
  void agent.close().finally(() => process.exit())
})
