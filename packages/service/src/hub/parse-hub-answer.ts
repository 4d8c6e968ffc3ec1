import { isJsonObject, type JsonObject, type JsonValue } from '@iothub-dm/protocol'
import type { HubError } from './hub-error.ts'
import type { DeviceTwin, HubJob, JobDeviceCounts, MethodResponse, QueryPage } from './iot-hub.ts'
import { type HubCallSubject, invalidHubAnswer } from './to-hub-error.ts'

type Fail = (reason: string) => HubError

/**
 * Reads the hub's answer to a direct method call (wire reference 4.2).
 *
 * @param subject which call was answered
 * @param answer the parsed body; undefined or empty text when there was none
 * @throws HubError with code `InvalidHubAnswer`, naming the member that is not as expected
 */
export function parseMethodResponse(subject: HubCallSubject, answer: JsonValue | undefined): MethodResponse {
  const fail: Fail = reason => invalidHubAnswer(subject, reason)
  const { status, payload = null } = objectAt('body', answer, fail)
  if (typeof status !== 'number' || !Number.isInteger(status)) throw fail(mismatch('status', 'an integer', status))
  return { status, payload }
}

/**
 * Reads a device twin (wire reference 3.1). The hub leaves `tags` out when there are none.
 *
 * @param subject which call was answered
 * @param answer the parsed body; undefined or empty text when there was none
 * @throws HubError with code `InvalidHubAnswer`, naming the member that is not as expected
 */
export function parseDeviceTwin(subject: HubCallSubject, answer: JsonValue | undefined): DeviceTwin {
  const fail: Fail = reason => invalidHubAnswer(subject, reason)
  const twin = objectAt('body', answer, fail)
  const properties = objectAt('properties', twin.properties, fail)
  return {
    deviceId: textAt('deviceId', twin.deviceId, fail),
    ...(typeof twin.moduleId === 'string' ? { moduleId: twin.moduleId } : {}),
    etag: textAt('etag', twin.etag, fail),
    connectionState: textAt('connectionState', twin.connectionState, fail),
    tags: objectAt('tags', twin.tags ?? {}, fail),
    desired: objectAt('properties.desired', properties.desired, fail),
    reported: objectAt('properties.reported', properties.reported, fail),
  }
}

/**
 * Reads a page of a query (wire reference 5.5).  *
 * @param continuation the header `x-ms-continuation`
 * @throws HubError with code `InvalidHubAnswer`
 */
export function parseQueryPage(
  subject: HubCallSubject,
  answer: JsonValue | undefined,
  continuation: string | undefined,
): QueryPage {
  const fail: Fail = reason => invalidHubAnswer(subject, reason)
  if (!Array.isArray(answer)) throw fail(mismatch('body', 'an array', answer))
  const rows = answer.map((row, index) => objectAt(`body[${index}]`, row, fail))
  return { rows, continuation: continuation === '' ? undefined : continuation }
}

/**
 * Reads a job (wire reference 7.3). Members that the hub does not know yet are missing.
 *
 * @throws HubError with code `InvalidHubAnswer`
 */
export function parseJob(subject: HubCallSubject, answer: JsonValue | undefined): HubJob {
  const fail: Fail = reason => invalidHubAnswer(subject, reason)
  const job = objectAt('body', answer, fail)
  const statistics = job.deviceJobStatistics
  return {
    jobId: typeof job.jobId === 'string' ? job.jobId : '',
    type: textAt('type', job.type, fail),
    status: textAt('status', job.status, fail),
    startTime: optionalText(job.startTime),
    endTime: optionalText(job.endTime),
    failureReason: optionalText(job.failureReason),
    deviceCounts: isJsonObject(statistics) ? countsOf(statistics) : undefined,
  }
}

function countsOf(statistics: JsonObject): JobDeviceCounts {
  const count = (name: string): number => {
    const value = statistics[name]
    return typeof value === 'number' ? value : 0
  }
  return {
    devices: count('deviceCount'),
    succeeded: count('succeededCount'),
    failed: count('failedCount'),
    running: count('runningCount'),
    pending: count('pendingCount'),
  }
}

function optionalText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function objectAt(path: string, value: JsonValue | undefined, fail: Fail): JsonObject {
  if (!isJsonObject(value)) throw fail(mismatch(path, 'an object', value))
  return value
}

function textAt(path: string, value: JsonValue | undefined, fail: Fail): string {
  if (typeof value !== 'string') throw fail(mismatch(path, 'a string', value))
  return value
}

function mismatch(path: string, expected: string, value: JsonValue | undefined): string {
  const got = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value
  return `${path}: expected ${expected}, got ${got}`
}
