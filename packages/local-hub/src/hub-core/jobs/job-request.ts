import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue, memberOf } from '../json/json.ts'
import { wholeNumber } from '../json/whole-number.ts'
import { parseMethodRequest } from '../method/method-request.ts'
import { parseTwinRequest } from '../twin/twin-request.ts'
import type { JobRequest, JobWork } from './job.ts'

const maxLeadInMs = 168 * 3600 * 1000
const defaultMaxExecutionTimeInSeconds = 3600

/**
 * Checks the id of a job (wire reference 7.1).
 *
 * @throws HubError `ArgumentInvalid` (400).
 */
export function assertJobId(jobId: string): void {
  if (!/^[a-z0-9\-']{1,64}$/.test(jobId)) {
    throw invalid(
      `Invalid job ID '${jobId.slice(0, 64)}': 1 to 64 lower-case ASCII letters, digits and - ' are allowed.`,
    )
  }
}

/**
 * Reads the body of a job PUT (wire reference 7.1). A start in the past means now.
 *
 * @throws HubError 400 when a member does not have the expected form. A bad condition is not seen before the job starts.
 */
export function parseJobRequest(body: JsonValue | undefined, jobId: string, nowInMs: number): JobRequest {
  if (!isJsonObject(body)) throw invalid('The body must be a job as a JSON object.')
  if ((memberOf(body, 'jobId') ?? jobId) !== jobId) throw invalid('jobId in the body must be the one in the path.')
  const queryCondition = memberOf(body, 'queryCondition')
  if (typeof queryCondition !== 'string') throw invalid('queryCondition must be a string.')
  const maxExecutionTime = wholeNumber(memberOf(body, 'maxExecutionTimeInSeconds') ?? defaultMaxExecutionTimeInSeconds)
  if (maxExecutionTime === undefined || maxExecutionTime < 1) {
    throw invalid('maxExecutionTimeInSeconds must be a whole number above 0.')
  }
  return {
    work: parseWork(body),
    queryCondition,
    startsAt: parseStart(memberOf(body, 'startTime') ?? null, nowInMs),
    maxExecutionTimeInSeconds: maxExecutionTime,
  }
}

function parseWork(body: JsonObject): JobWork {
  const type = memberOf(body, 'type')
  switch (type) {
    case 'scheduleUpdateTwin':
      return { type, updateTwin: parseTwinPatch(memberOf(body, 'updateTwin')) }
    case 'scheduleDeviceMethod': {
      const cloudToDeviceMethod = memberOf(body, 'cloudToDeviceMethod')
      if (!isJsonObject(cloudToDeviceMethod)) throw invalid('cloudToDeviceMethod must be an object.')
      parseMethodRequest(cloudToDeviceMethod)
      return { type, cloudToDeviceMethod }
    }
    default:
      throw invalid('type must be scheduleUpdateTwin or scheduleDeviceMethod.')
  }
}

function parseTwinPatch(patch: JsonValue | undefined): JsonObject {
  if (!isJsonObject(patch)) throw invalid('updateTwin must be an object.')
  if ((memberOf(patch, 'etag') ?? '*') !== '*') throw invalid("updateTwin.etag must be '*'.")
  parseTwinRequest(patch)
  return patch
}

function parseStart(startTime: JsonValue, nowInMs: number): number {
  if (startTime === null) return nowInMs
  const startsAt = typeof startTime === 'string' ? Date.parse(startTime) : Number.NaN
  if (Number.isNaN(startsAt)) throw invalid('startTime must be a time as in ISO 8601.')
  if (startsAt > nowInMs + maxLeadInMs) throw invalid('startTime must not be more than 168 hours ahead.')
  return Math.max(startsAt, nowInMs)
}

function invalid(message: string): HubError {
  return new HubError('ArgumentInvalid', message)
}
