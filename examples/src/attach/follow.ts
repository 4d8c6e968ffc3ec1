// The second back end: takes the calibration up where it is now.
import { readFile } from 'node:fs/promises'
import { FleetClient } from '@iothub-dm/service'
import { Narrator } from '../support/narrator.ts'
import { camera } from './contract.ts'
import { readTask } from './task.ts'

const narrator = new Narrator()
const { connectionString, hub, addressFile } = readTask(process.env)
await using fleet = FleetClient.fromConnectionString(connectionString, camera, { ...hub, pollIntervalInMs: 200 })
const calibration = await fleet.actions.calibrate.attach(await readFile(addressFile, 'utf8'))
narrator.say(
  'service',
  `process ${process.pid} took up ${calibration.operationId}, which is ${calibration.record.state}`,
)
for await (const { state, status, percent, detail } of calibration) {
  const parts = [status, percent === undefined ? undefined : `${percent} %`, detail].filter(part => part !== undefined)
  narrator.progress(`calibration is ${state}: ${parts.join(', ')}`)
}
const { offset } = await calibration.result() // number
narrator.success(`calibration succeeded, the offset is ${offset}`)
