import type { HubCore } from '../src/hub-core/hub-core.ts'
import { isJsonObject, type JsonObject } from '../src/hub-core/json/json.ts'
import type { RecordingConnection } from './recording-connection.ts'

/** A twin update on all devices. */
export const twinJob: JsonObject = {
  type: 'scheduleUpdateTwin',
  updateTwin: { tags: { z: 1 } },
  queryCondition: '*',
}

/** A method on all devices. */
export const methodJob: JsonObject = {
  type: 'scheduleDeviceMethod',
  cloudToDeviceMethod: { methodName: 'x', payload: { a: 1 }, responseTimeoutInSeconds: 10 },
  queryCondition: '*',
}

/** The rows of `devices.jobs` of one job. */
export function deviceJobsOf(core: HubCore, jobId: string): readonly JsonObject[] {
  const query = `SELECT * FROM devices.jobs WHERE devices.jobs.jobId = '${jobId}'`
  return core.queries.run({ query }, { maxItemCount: 1000 }).items
}

/** How many devices a job has, as `[pending, running, succeeded, failed]`. */
export function countsOf(core: HubCore, jobId: string): readonly unknown[] {
  const { deviceJobStatistics: counts } = core.jobs.get(jobId)
  if (!isJsonObject(counts)) return []
  return [counts.pendingCount, counts.runningCount, counts.succeededCount, counts.failedCount]
}

/** Resolves when a job has ended. */
export function jobEnd(core: HubCore, jobId: string): Promise<void> {
  return new Promise(resolve => {
    const unsubscribe = core.events.subscribe(event => {
      if (event.type !== 'jobFinished' || event.jobId !== jobId) return
      unsubscribe()
      resolve()
    })
  })
}

/** Answers the methods that a device was asked for, each with this status. */
export function answerAll(core: HubCore, connection: RecordingConnection, status: number, body: string): void {
  for (const { requestId } of connection.methodRequests.splice(0)) {
    core.methods.answer(connection, requestId, status, body)
  }
}
