// The software of a camera. A factory reset takes its data folder away, and with it all that the agent itself remembers.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DeviceAgent, factoryResetWith, fileSurvivalStore, implement } from '@iothub-dm/device'
import { readDeviceEnvironment, rebootExitCode } from '../support/device-environment.ts'
import { camera } from './contract.ts'

const { connectionString, stateDirectory, bootId, hub } = readDeviceEnvironment(process.env)
const data = dirname(stateDirectory)
const photos = join(data, 'photos')
const spared = join(data, '..', 'spared')
const networkFile = join(spared, 'network')

await mkdir(photos, { recursive: true })
await mkdir(spared, { recursive: true })
if (!existsSync(networkFile)) await writeFile(networkFile, 'home')

const implementation = implement(camera, {
  methods: {
    takePhoto: () => writeFile(join(photos, `${randomUUID()}.jpg`), 'a holiday'),
    getStatus: async () => ({
      photos: (await readdir(photos)).length,
      network: await readFile(networkFile, 'utf8'),
    }),
  },
  actions: {
    factoryReset: factoryResetWith({
      wipe: () => rm(data, { recursive: true, force: true }), // the state directory of the agent, too
      restart: () => process.exit(rebootExitCode), // on a real device: exec('systemctl reboot')
      verify: async () => (await readdir(photos)).length === 0,
      canKeep: ['network'],
    }),
  },
})

const agent = DeviceAgent.fromConnectionString(connectionString, implementation, {
  ...hub,
  stateDirectory,
  survivalStore: fileSurvivalStore(join(spared, 'factory-reset')),
  bootId,
})
agent.on('error', error => console.error(error))
agent.once('connected', () => process.send?.({ type: 'connected' }))
await agent.open()
process.once('SIGTERM', () => {
  void agent.close().finally(() => process.exit())
})
