import type { CancelTimeout } from '../clock/clock.ts'
import { HubError } from '../error/hub-error.ts'
import type { EndedJob, Job } from './job.ts'
import type { JobParts } from './job-parts.ts'
import { JobRun } from './job-run.ts'

/** Starts jobs when it is time, and keeps those that run. */
export class JobScheduler {
  readonly #parts: JobParts
  readonly #starts = new Map<string, CancelTimeout>()
  readonly #runs = new Map<string, JobRun>()
  #closed = false

  constructor(parts: JobParts) {
    this.#parts = parts
  }

  /** Starts a job at once when it is due, otherwise later. */
  schedule(job: Job): void {
    if (this.#closed) return
    const delayInMs = job.startsAt - this.#parts.clock.now()
    if (delayInMs <= 0) this.#start(job)
    else
      this.#starts.set(
        job.jobId,
        this.#parts.clock.setTimeout(() => this.#start(job), delayInMs),
      )
  }

  /**
   * Calls a job off that has not begun.
   *
   * @throws HubError 405 `OperationNotAllowedInCurrentState` for any other.
   */
  cancel(job: Job): EndedJob {
    if (job.status !== 'scheduled') {
      throw new HubError(
        'OperationNotAllowedInCurrentState',
        `The job '${job.jobId}' cannot be cancelled, its status is ${job.status}.`,
      )
    }
    this.#starts.get(job.jobId)?.()
    this.#starts.delete(job.jobId)
    const cancelled: EndedJob = { ...job, status: 'cancelled', endedAt: this.#parts.clock.now() }
    this.#parts.jobs.set(cancelled)
    this.#parts.listener.finished(cancelled)
    return cancelled
  }

  /** Goes on with the jobs of a former life. */
  resume(): void {
    for (const job of this.#parts.jobs.all()) {
      if (job.status === 'scheduled') this.schedule(job)
      else if (job.status === 'running') this.#newRun(job).resume()
    }
  }

  /** Lets no further job begin, and none go on. */
  close(): void {
    this.#closed = true
    for (const cancel of this.#starts.values()) cancel()
    for (const run of this.#runs.values()) run.stop()
    this.#starts.clear()
    this.#runs.clear()
  }

  #start(job: Job): void {
    this.#starts.delete(job.jobId)
    this.#newRun({ ...job, status: 'running', startsAt: this.#parts.clock.now() }).start()
  }

  #newRun(job: Job): JobRun {
    const run = new JobRun(this.#parts, job, () => this.#runs.delete(job.jobId))
    this.#runs.set(job.jobId, run)
    return run
  }
}
