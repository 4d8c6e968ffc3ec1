import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { DeviceAgent, factoryResetWith, fileSurvivalStore, implement } from '@iothub-dm/device'
import { noteInBlackBox, readBlackBox } from '../support/black-box.ts'
import { rebootExitCode } from '../support/device-messages.ts'
import { settings } from '../support/device-settings.ts'
import { passGate, tell } from '../support/gate.ts'
import { killAtJournalCalls } from '../support/kill-at-journal-call.ts'
import { recorder } from './contract.ts'

/** A device whose factory reset wipes all that it has, its state directory too; run under a `SupervisedDevice`. */
process.on('disconnect', () => process.exit()) // whoever started it is gone
const { connectionString, ca, stateDirectory, bootId, blackBox } = settings
noteInBlackBox(blackBox, { type: 'started', bootId })
killAtJournalCalls(settings)

const place = dirname(stateDirectory)
const data = join(place, 'data')
const footage = join(data, 'footage')

function effect(name: string, attempt: number): void {
  noteInBlackBox(blackBox, { type: 'effect', name, attempt })
}

const implementation = implement(recorder, {
  actions: {
    factoryReset: factoryResetWith({
      wipe: async ({ level }, { attempt }) => {
        effect(`wipe ${level}`, attempt)
        for (const folder of [data, stateDirectory]) rmSync(folder, { recursive: true, force: true })
        await passGate('wiped')
      },
      restart: () => {
        effect('restart', 1)
        process.exit(rebootExitCode)
      },
      verify: async () => {
        await passGate('verify')
        return !existsSync(footage)
      },
    }),
  },
  configurations: {
    recording: desired => {
      mkdirSync(data, { recursive: true })
      if (readBlackBox(blackBox).every(({ type }) => type !== 'effect')) writeFileSync(footage, JSON.stringify(desired))
      effect('recording', 1)
    },
  },
})
const agent = DeviceAgent.fromConnectionString(connectionString, implementation, {
  ca,
  stateDirectory,
  bootId,
  survivalStore: fileSurvivalStore(join(place, 'spared', 'factory-reset')),
  requestTimeoutInMs: 2_000,
  reconnect: { firstDelayInMs: 20, baseDelayInMs: 100, maxDelayInMs: 500 },
})
agent.on('connected', () => tell({ type: 'connected' }))
agent.on('operation', change => process.stdout.write(`${inspect(change, { depth: 10 })}\n`))
agent.on('error', error => process.stdout.write(`${inspect(error)}\n`))
await agent.open()
