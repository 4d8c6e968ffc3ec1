import type { JobDeviceCounts } from '../hub/iot-hub.ts'

/** Where a job is. A hub may have other words. */
export type JobStatus = 'queued' | 'scheduled' | 'running' | 'completed' | 'failed' | 'cancelled' | (string & {})

/** A job, as the hub tells of it. */
export interface Job {
  readonly jobId: string
  /** `scheduleDeviceMethod` or `scheduleUpdateTwin`. */
  readonly type: string
  readonly status: JobStatus
  /** ISO 8601, UTC. */
  readonly startTime: string | undefined
  /** ISO 8601, UTC. */
  readonly endTime: string | undefined
  readonly failureReason: string | undefined
  /** How far its devices are; undefined until the hub knows. */
  readonly deviceCounts: JobDeviceCounts | undefined
}

/** Tells whether a job is over. */
export function isJobOver({ status }: Pick<Job, 'status'>): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
