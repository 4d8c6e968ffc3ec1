// The first back end: begins a calibration, keeps its address, and ends.
import { writeFile } from 'node:fs/promises'
import { FleetClient } from '@iothub-dm/service'
import { Narrator } from '../support/narrator.ts'
import { camera } from './contract.ts'
import { readTask } from './task.ts'

const { connectionString, hub, deviceId, addressFile } = readTask(process.env)
await using fleet = FleetClient.fromConnectionString(connectionString, camera, hub)
const calibration = await fleet.getDeviceClient(deviceId).actions.calibrate.begin({ sensors: 5 })
await writeFile(addressFile, calibration.serialize()) // a row of a database, a message in a queue
new Narrator().say('service', `process ${process.pid} began ${calibration.operationId}, and ends`)
