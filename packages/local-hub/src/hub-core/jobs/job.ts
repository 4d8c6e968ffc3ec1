import type { JsonObject } from '../json/json.ts'
import type { JobEnd, JobStatus } from './job-status.ts'

/** What a job does on every device, as it was sent. */
export type JobWork =
  | { readonly type: 'scheduleUpdateTwin'; readonly updateTwin: JsonObject }
  | { readonly type: 'scheduleDeviceMethod'; readonly cloudToDeviceMethod: JsonObject }

/** The types of jobs. */
export type JobType = JobWork['type']

/** What a caller decides about a job. */
export interface JobRequest {
  readonly work: JobWork
  /** Which devices or modules. Looked at when the job starts. */
  readonly queryCondition: string
  /** Milliseconds since 1970; not before now. */
  readonly startsAt: number
  readonly maxExecutionTimeInSeconds: number
}

/** A job as the hub keeps it (wire reference 7). Values are replaced, not changed. */
export interface Job extends JobRequest {
  readonly jobId: string
  /** Grows from job to job. */
  readonly sequence: number
  readonly createdAt: number
  readonly status: JobStatus
  readonly endedAt: number | undefined
  readonly failureReason: string | undefined
}

/** A {@link Job} that has ended. */
export interface EndedJob extends Job {
  readonly status: JobEnd
}

/** Tells whether a job is yet to run, or runs. */
export function isActive({ status }: Job): boolean {
  return status === 'scheduled' || status === 'running'
}
