import type { Clock } from '../clock/clock.ts'
import type { IdentityKey } from '../identity/identity-key.ts'
import type { MethodResult } from '../method/method-calls.ts'
import type { Condition } from '../query/syntax/query.ts'
import type { FinishedDeviceJob } from './device-job.ts'
import type { EndedJob, Job, JobWork } from './job.ts'
import type { JobPacer } from './job-pacer.ts'
import type { JobStore } from './job-store.ts'

/** What jobs are run with. */
export interface JobParts {
  readonly clock: Clock
  readonly jobs: JobStore
  readonly pacer: JobPacer
  readonly devices: JobDevices
  readonly listener: JobListener
}

/** The devices and modules of a hub, as far as jobs are concerned. */
export interface JobDevices {
  /** Those that meet a condition, in order of creation. */
  targetsOf(condition: Condition): readonly IdentityKey[]
  /**
   * Does on one of them what a job is for. Work that takes no time is done at once.
   *
   * @throws HubError at once or by the promise, when it cannot be done.
   */
  perform(key: IdentityKey, work: JobWork): null | Promise<MethodResult>
}

/** Told how jobs go on. */
export interface JobListener {
  readonly started: (job: Job) => void
  readonly deviceFinished: (deviceJob: FinishedDeviceJob) => void
  readonly finished: (job: EndedJob) => void
}
