import type { DurableCodec } from '../durable/durable-table.ts'
import { JsonReader } from '../durable/read-json.ts'
import type { Job, JobWork } from './job.ts'

/** How a job is stored. */
export const jobCodec: DurableCodec<Job> = {
  encode: ({ work, endedAt, failureReason, ...job }) => ({
    ...job,
    work: { ...work },
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(failureReason === undefined ? {} : { failureReason }),
  }),
  decode: value => {
    const job = new JsonReader(value)
    return {
      jobId: job.string('jobId'),
      sequence: job.number('sequence'),
      work: readWork(job.reader('work')),
      queryCondition: job.string('queryCondition'),
      startsAt: job.number('startsAt'),
      maxExecutionTimeInSeconds: job.number('maxExecutionTimeInSeconds'),
      createdAt: job.number('createdAt'),
      status: job.oneOf('status', ['scheduled', 'running', 'completed', 'failed', 'cancelled']),
      endedAt: job.numberOrUndefined('endedAt'),
      failureReason: job.stringOrUndefined('failureReason'),
    }
  },
}

function readWork(work: JsonReader): JobWork {
  const type = work.oneOf('type', ['scheduleUpdateTwin', 'scheduleDeviceMethod'])
  return type === 'scheduleUpdateTwin'
    ? { type, updateTwin: work.object('updateTwin') }
    : { type, cloudToDeviceMethod: work.object('cloudToDeviceMethod') }
}
