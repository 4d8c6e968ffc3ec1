import type { DurableCodec } from '../durable/durable-table.ts'
import { JsonReader } from '../durable/read-json.ts'
import type { JsonObject } from '../json/json.ts'
import type { DeviceJob, DeviceJobOutcome } from './device-job.ts'

/** How a job on one device is stored. */
export const deviceJobCodec: DurableCodec<DeviceJob> = {
  encode: ({ startedAt, outcome, ...deviceJob }) => ({
    ...deviceJob,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(outcome === undefined ? {} : { outcome: encodeOutcome(outcome) }),
  }),
  decode: value => {
    const deviceJob = new JsonReader(value)
    const outcome = deviceJob.readerOrUndefined('outcome')
    return {
      jobId: deviceJob.string('jobId'),
      jobType: deviceJob.oneOf('jobType', ['scheduleUpdateTwin', 'scheduleDeviceMethod']),
      key: deviceJob.string('key'),
      position: deviceJob.string('position'),
      createdAt: deviceJob.number('createdAt'),
      updatedAt: deviceJob.number('updatedAt'),
      startedAt: deviceJob.numberOrUndefined('startedAt'),
      outcome: outcome && readOutcome(outcome),
    }
  },
}

function encodeOutcome(outcome: DeviceJobOutcome): JsonObject {
  if (outcome.status === 'failed') return { ...outcome }
  const { status, methodResult } = outcome
  return { status, methodResult: methodResult === null ? null : { ...methodResult } }
}

function readOutcome(outcome: JsonReader): DeviceJobOutcome {
  const status = outcome.oneOf('status', ['completed', 'failed'])
  if (status === 'failed') return { status, code: outcome.string('code'), description: outcome.string('description') }
  if (outcome.value('methodResult') === null) return { status, methodResult: null }
  const methodResult = outcome.reader('methodResult')
  return { status, methodResult: { status: methodResult.number('status'), payload: methodResult.value('payload') } }
}
