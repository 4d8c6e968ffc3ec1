import type { Clock } from '../clock/clock.ts'
import type { IotHub } from '../hub/iot-hub.ts'
import { followPages } from '../query/follow-pages.ts'
import { type Paged, paged } from '../query/paged.ts'
import type { Job } from './job.ts'
import { JobHandle } from './job-handle.ts'

/** Which jobs to list. */
export interface JobFilter {
  readonly type?: 'scheduleDeviceMethod' | 'scheduleUpdateTwin' | undefined
  readonly status?: 'queued' | 'scheduled' | 'running' | 'completed' | 'failed' | 'cancelled' | undefined
}

/** The jobs of a hub: those of this library and all others. */
export interface JobList {
  /**
   * The jobs that the hub remembers, which is for 30 days.
   *
   * @throws HubError while it is iterated, when a page cannot be read
   */
  list(filter?: JobFilter): Paged<Job>
  /** Takes up a job that was scheduled before, by this or another process. Its outcomes are those of the hub, not of the contract. */
  attach(jobId: string): JobHandle
}

/** Makes the list of the jobs of a hub. */
export function createJobList(hub: IotHub, clock: Clock): JobList {
  return Object.freeze({
    list: (filter: JobFilter = {}) =>
      paged<Job>(({ pageSize }) =>
        followPages(async continuation => {
          const { jobs, ...page } = await hub.queryJobs({ ...filter, pageSize, continuation })
          return { ...page, rows: jobs }
        }),
      ),
    attach: (jobId: string) => new JobHandle(jobId, hub, clock, answer => answer),
  })
}
