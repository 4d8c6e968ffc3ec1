import { formatHubTime } from '../clock/hub-time.ts'
import { identityName } from '../identity/identity-key.ts'
import type { JsonObject } from '../json/json.ts'
import { type DeviceJob, type DeviceJobOutcome, deviceJobStatus } from './device-job.ts'

/** A row of `devices.jobs`; what is not known yet is absent (wire reference 7.5). */
export function deviceJobView(deviceJob: DeviceJob): JsonObject {
  const { jobId, jobType, startedAt, outcome } = deviceJob
  return {
    ...identityName(deviceJob.key),
    jobId,
    jobType,
    status: deviceJobStatus(deviceJob),
    ...(startedAt === undefined ? {} : { startTimeUtc: formatHubTime(startedAt) }),
    ...(outcome === undefined ? {} : { endTimeUtc: formatHubTime(deviceJob.updatedAt) }),
    createdDateTimeUtc: formatHubTime(deviceJob.createdAt),
    lastUpdatedDateTimeUtc: formatHubTime(deviceJob.updatedAt),
    ...(outcome === undefined ? {} : outcomeView(outcome)),
  }
}

function outcomeView(outcome: DeviceJobOutcome): JsonObject {
  switch (outcome.status) {
    case 'completed':
      return { outcome: { deviceMethodResponse: outcome.methodResult === null ? null : { ...outcome.methodResult } } }
    case 'failed':
      return { error: { code: outcome.code, description: outcome.description } }
  }
}
