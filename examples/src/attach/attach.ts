// A back end begins an operation and ends. Another process takes the operation up, and follows it to its result.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DeviceAgent, implement } from '@iothub-dm/device'
import { play } from '../support/play.ts'
import { camera } from './contract.ts'
import { type Task, writeTask } from './task.ts'

const software = implement(camera, {
  actions: {
    calibrate: async op => {
      const { sensors } = op.request
      op.phase('warming')
      await sleep(200)
      op.phase('measuring')
      for (let sensor = 1; sensor <= sensors; sensor += 1) {
        op.progress((100 * (sensor - 1)) / sensors, `sensor ${sensor} of ${sensors}`)
        await op.step(`sensor ${sensor}`, () => sleep(400))
      }
      return { offset: 0.5 }
    },
  },
})

await play(async ({ hub, narrator, directory }) => {
  const { deviceId, connectionString } = await hub.createDevice('cam-1')
  await using agent = DeviceAgent.fromConnectionString(connectionString, software, {
    ...hub.deviceSide,
    stateDirectory: join(directory, 'state'),
    progressIntervalInMs: 200, // by default a device reports its progress every ten seconds
  })
  await agent.open()
  narrator.say('device', `${deviceId} is connected`)

  const task: Task = {
    connectionString: hub.serviceConnectionString,
    hub: hub.serviceSide,
    deviceId,
    addressFile: join(directory, 'operation.txt'),
  }
  await run('./begin.ts', task)
  await run('./follow.ts', task)
})

/** Runs a back end in a process of its own, to its end. */
async function run(program: string, task: Task): Promise<void> {
  const path = fileURLToPath(new URL(program, import.meta.url))
  const child = spawn(process.execPath, [...process.execArgv, path], {
    stdio: 'inherit',
    env: { ...process.env, ...writeTask(task) },
  })
  const [exitCode] = await once(child, 'exit')
  if (exitCode !== 0) throw new Error(`${program} ended with code ${exitCode}`)
}
