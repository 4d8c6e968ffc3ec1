import { HubError } from '../error/hub-error.ts'
import type { HubState } from '../hub-state.ts'
import { identityName } from '../identity/identity-key.ts'
import { isActive } from '../jobs/job.ts'
import { JobPacer } from '../jobs/job-pacer.ts'
import { type JobFilter, jobPage } from '../jobs/job-page.ts'
import type { JobListener } from '../jobs/job-parts.ts'
import { assertJobId, parseJobRequest } from '../jobs/job-request.ts'
import { JobScheduler } from '../jobs/job-scheduler.ts'
import { jobView, queuedJob, unknownJob } from '../jobs/job-view.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import type { PageRequest } from '../query/run-query.ts'
import { jobDevices } from './job-devices.ts'
import type { MethodCommands } from './method-commands.ts'
import type { TwinCommands } from './twin-commands.ts'

/** A page of jobs, as REST returns them. */
export interface JobViewPage {
  readonly items: readonly JsonObject[]
  /** Asks for the next page; undefined on the last. */
  readonly continuation: string | undefined
}

/** What the service can do with jobs: twin updates and direct methods on many devices (wire reference 7). */
export class JobCommands {
  readonly #state: HubState
  readonly #scheduler: JobScheduler

  constructor(state: HubState, twins: TwinCommands, methods: MethodCommands) {
    this.#state = state
    this.#scheduler = new JobScheduler({
      clock: state.clock,
      jobs: state.jobs,
      pacer: new JobPacer(state.traffic.limits?.operationsPerSecond.jobDeviceOperation),
      devices: jobDevices(state, twins, methods),
      listener: jobEvents(state),
    })
  }

  /**
   * Creates a job. One whose time has come begins at once; it may be over when this returns, but the answer says `queued`.
   *
   * @throws HubError 400 for a malformed job, 409 `JobAlreadyExists`, 429 `ThrottlingMaxActiveJobCountExceeded`.
   */
  create(jobId: string, body: JsonValue | undefined): JsonObject {
    assertJobId(jobId)
    const { jobs, events, clock } = this.#state
    const request = parseJobRequest(body, jobId, clock.now())
    this.#assertRoom(jobId)
    const job = jobs.create(jobId, request)
    events.emit({ type: 'jobCreated', jobId })
    this.#scheduler.schedule(job)
    return queuedJob(job)
  }

  /** A job, or what the hub says of one that it does not know. */
  get(jobId: string): JsonObject {
    const job = this.#state.jobs.find(jobId)
    return job === undefined ? unknownJob : jobView(job, this.#state.jobs.deviceJobsOf(jobId))
  }

  query(filter: JobFilter, page: PageRequest): JobViewPage {
    const { jobs, continuation } = jobPage(this.#state.jobs.all(), filter, page)
    return { items: jobs.map(job => jobView(job, this.#state.jobs.deviceJobsOf(job.jobId))), continuation }
  }

  /** @throws HubError 404 `JobNotFound`, 405 `OperationNotAllowedInCurrentState` for a job that has begun. */
  cancel(jobId: string): JsonObject {
    return jobView(this.#scheduler.cancel(this.#state.jobs.get(jobId)), [])
  }

  /** Goes on with the jobs of a former life. */
  resume(): void {
    this.#scheduler.resume()
  }

  /** Stops every job where it is. */
  close(): void {
    this.#scheduler.close()
  }

  #assertRoom(jobId: string): void {
    const { jobs, traffic } = this.#state
    const limit = traffic.limits?.concurrentJobs ?? Number.POSITIVE_INFINITY
    if (jobs.find(jobId) === undefined && jobs.all().filter(isActive).length >= limit) {
      throw new HubError(
        'ThrottlingMaxActiveJobCountExceeded',
        `The number of active jobs must not exceed ${limit} on this IotHub.`,
      )
    }
  }
}

function jobEvents({ events }: HubState): JobListener {
  return {
    started: ({ jobId }) => events.emit({ type: 'jobStarted', jobId }),
    deviceFinished: ({ jobId, key, outcome: { status } }) =>
      events.emit({ type: 'deviceJobFinished', jobId, ...identityName(key), status }),
    finished: ({ jobId, status }) => events.emit({ type: 'jobFinished', jobId, status }),
  }
}
