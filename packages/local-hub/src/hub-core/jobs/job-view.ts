import { formatHubTime } from '../clock/hub-time.ts'
import { formatJson } from '../json/format-json.ts'
import { type JsonObject, memberOf } from '../json/json.ts'
import { type DeviceJob, deviceJobStatus } from './device-job.ts'
import type { Job, JobWork } from './job.ts'
import type { DeviceJobStatus } from './job-status.ts'

/** What the hub says of a job that it does not know (wire reference 7.3). */
export const unknownJob: JsonObject = { type: 'unknown', status: 'unknown' }

/** The answer to whoever creates a job (wire reference 7.1). */
export function queuedJob({ jobId, work }: Job): JsonObject {
  return { jobId, type: work.type, status: 'queued' }
}

/** A job as REST returns it; what is not known yet is absent (wire reference 7.3). */
export function jobView(job: Job, deviceJobs: Iterable<DeviceJob>): JsonObject {
  const { endedAt, failureReason, status } = job
  return {
    jobId: job.jobId,
    createdTime: formatHubTime(job.createdAt),
    startTime: formatHubTime(job.startsAt),
    ...(endedAt === undefined ? {} : { endTime: formatHubTime(endedAt) }),
    maxExecutionTimeInSeconds: job.maxExecutionTimeInSeconds,
    ...workView(job.work),
    queryCondition: job.queryCondition,
    status,
    ...(failureReason === undefined ? {} : { failureReason, statusMessage: failureReason }),
    ...(status === 'scheduled' ? {} : { deviceJobStatistics: statisticsOf(deviceJobs) }),
  }
}

/** The real service shows the payload of a method as the bytes of its text. */
function workView(work: JobWork): JsonObject {
  if (work.type === 'scheduleUpdateTwin') return { ...work }
  const { type, cloudToDeviceMethod } = work
  const payload = memberOf(cloudToDeviceMethod, 'payload')
  if (payload === undefined) return { type, cloudToDeviceMethod }
  return { type, cloudToDeviceMethod: { ...cloudToDeviceMethod, payload: [...Buffer.from(formatJson(payload))] } }
}

function statisticsOf(deviceJobs: Iterable<DeviceJob>): JsonObject {
  const counts: Record<DeviceJobStatus, number> = { pending: 0, running: 0, completed: 0, failed: 0 }
  let deviceCount = 0
  for (const deviceJob of deviceJobs) {
    deviceCount += 1
    counts[deviceJobStatus(deviceJob)] += 1
  }
  return {
    deviceCount,
    failedCount: counts.failed,
    succeededCount: counts.completed,
    runningCount: counts.running,
    pendingCount: counts.pending,
  }
}
