import type { JsonObject } from '@iothub-dm/protocol'
import type { HubJobRequest, JobCalls } from '../../hub/iot-hub.ts'
import { parseJob, parseQueryPage } from '../../hub/parse-hub-answer.ts'
import type { HubCallSubject } from '../../hub/to-hub-error.ts'
import type { Send } from './send.ts'
import { twinBody } from './twin-calls.ts'

/** Scheduled jobs (wire reference 7). */
export function createJobCalls(send: Send): JobCalls {
  return {
    async createJob(job, options = {}) {
      const subject: HubCallSubject = { description: `job '${job.jobId}'`, effect: 'device' }
      const { body } = await send(subject, { method: 'PUT', path: jobPath(job.jobId), body: jobBody(job) }, options)
      return parseJob(subject, body)
    },
    async getJob(jobId, options = {}) {
      const subject: HubCallSubject = { description: `job '${jobId}'`, effect: 'none' }
      const { body } = await send(subject, { method: 'GET', path: jobPath(jobId) }, options)
      const job = parseJob(subject, body)
      // That is how the hub says that there is none.
      return job.status === 'unknown' ? undefined : job
    },
    async cancelJob(jobId, options = {}) {
      const subject: HubCallSubject = { description: `cancelling of job '${jobId}'`, effect: 'hub' }
      const { body } = await send(subject, { method: 'POST', path: `${jobPath(jobId)}/cancel` }, options)
      return parseJob(subject, body)
    },
    async queryJobs({ type, status, pageSize, continuation, ...bounds } = {}) {
      const subject: HubCallSubject = { description: 'list of jobs', effect: 'none' }
      const headers = {
        ...(pageSize === undefined ? {} : { 'x-ms-max-item-count': String(pageSize) }),
        ...(continuation === undefined ? {} : { 'x-ms-continuation': continuation }),
      }
      const query = {
        ...(type === undefined ? {} : { jobType: type }),
        ...(status === undefined ? {} : { jobStatus: status }),
      }
      const answer = await send(subject, { method: 'GET', path: '/jobs/v2/query', query, headers }, bounds)
      const next = answer.headers['x-ms-continuation']
      const page = parseQueryPage(subject, answer.body, typeof next === 'string' ? next : undefined)
      return { jobs: page.rows.map(row => parseJob(subject, row)), continuation: page.continuation }
    },
  }
}

function jobPath(jobId: string): string {
  return `/jobs/v2/${encodeURIComponent(jobId)}`
}

function jobBody({ jobId, queryCondition, startTime, maxExecutionTimeInSeconds, work }: HubJobRequest): JsonObject {
  const timing = {
    maxExecutionTimeInSeconds,
    ...(startTime === undefined ? {} : { startTime: startTime.toISOString() }),
  }
  return { jobId, type: work.type, queryCondition, ...timing, ...workBody(work) }
}

function workBody(work: HubJobRequest['work']): JsonObject {
  if (work.type === 'scheduleUpdateTwin') return { updateTwin: { etag: '*', ...twinBody(work.patch) } }
  const { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds } = work.method
  return { cloudToDeviceMethod: { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds } }
}
