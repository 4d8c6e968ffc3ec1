import { inspect } from 'node:util'
import { FleetClient } from '@iothub-dm/service'
import { type BackEndMessage, type BackEndTask, backEndTaskVariable } from './back-end-messages.ts'
import { camera } from './contract.ts'

/** A back end, run as a program: begins a reboot or takes one up, follows it, and tells how it ended. */
const task: BackEndTask = JSON.parse(process.env[backEndTaskVariable] ?? '{}')
const { connectionString, ...options } = task.settings

function tell(message: BackEndMessage): void {
  process.send?.(message)
}

try {
  await using fleet = FleetClient.fromConnectionString(connectionString, camera, options)
  const operation =
    task.serialized === undefined
      ? await fleet.getDeviceClient(task.deviceId).actions.reboot.begin({}, { operationId: task.operationId })
      : await fleet.actions.reboot.attach(task.serialized)
  tell({ type: 'following', serialized: operation.serialize() })
  await operation.result({ timeoutInMs: 15_000 })
  tell({ type: 'done', record: operation.record })
} catch (error) {
  process.stderr.write(`${inspect(error, { depth: 10, showHidden: true })}\n`)
  process.exitCode = 1
}
process.disconnect()
