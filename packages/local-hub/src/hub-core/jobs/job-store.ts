import type { Clock } from '../clock/clock.ts'
import { HubError } from '../error/hub-error.ts'
import type { IdentityKey } from '../identity/identity-key.ts'
import type { DeviceJob, DeviceJobOutcome, FinishedDeviceJob } from './device-job.ts'
import type { DeviceJobTable } from './device-job-table.ts'
import { isActive, type Job, type JobRequest } from './job.ts'

const historyInMs = 30 * 24 * 3600 * 1000

/** The jobs of the hub and what they do on devices. A job is forgotten 30 days after its end (wire reference 7.2). */
export class JobStore {
  readonly #clock: Clock
  readonly #jobs: Map<string, Job>
  readonly #deviceJobs: DeviceJobTable

  /** @param jobs where they are kept, by id, in the order of creation. */
  constructor(clock: Clock, deviceJobs: DeviceJobTable, jobs: Map<string, Job> = new Map()) {
    this.#clock = clock
    this.#deviceJobs = deviceJobs
    this.#jobs = jobs
  }

  find(jobId: string): Job | undefined {
    this.#forgetOldJobs()
    return this.#jobs.get(jobId)
  }

  /** @throws HubError `JobNotFound` (404). */
  get(jobId: string): Job {
    const job = this.find(jobId)
    if (job === undefined) throw new HubError('JobNotFound', jobId)
    return job
  }

  /** Every job, in the order of creation. */
  all(): readonly Job[] {
    this.#forgetOldJobs()
    return [...this.#jobs.values()]
  }

  /** @throws HubError 409 `JobAlreadyExists`. */
  create(jobId: string, request: JobRequest): Job {
    const jobs = this.all()
    if (this.#jobs.has(jobId)) {
      throw new HubError('JobAlreadyExists', `A job with ID '${jobId}' already exists.`)
    }
    const job: Job = {
      jobId,
      ...request,
      sequence: (jobs.at(-1)?.sequence ?? 0) + 1,
      createdAt: this.#clock.now(),
      status: 'scheduled',
      endedAt: undefined,
      failureReason: undefined,
    }
    this.#jobs.set(jobId, job)
    return job
  }

  set(job: Job): void {
    this.#jobs.set(job.jobId, job)
  }

  /** A job on all of its devices, in the order in which it gets to them; or on one device and its modules. */
  deviceJobsOf(jobId: string, deviceId?: string): Iterable<DeviceJob> {
    return deviceId === undefined ? this.#deviceJobs.of(jobId) : this.#deviceJobs.ofDevice(jobId, deviceId)
  }

  /** Notes which devices or modules a job is about. */
  addDevices({ jobId, sequence, work }: Job, keys: readonly IdentityKey[]): void {
    const now = this.#clock.now()
    for (const [index, key] of keys.entries()) {
      this.#deviceJobs.set({
        jobId,
        jobType: work.type,
        key,
        position: `${String(sequence).padStart(9, '0')}/${String(index).padStart(9, '0')}`,
        createdAt: now,
        updatedAt: now,
        startedAt: undefined,
        outcome: undefined,
      })
    }
  }

  /** Notes that a job gets to a device. */
  begin(waiting: DeviceJob): DeviceJob {
    const now = this.#clock.now()
    const deviceJob = { ...waiting, startedAt: now, updatedAt: now }
    this.#deviceJobs.set(deviceJob)
    return deviceJob
  }

  /** Notes what became of a job on a device. */
  finish(deviceJob: DeviceJob, outcome: DeviceJobOutcome): FinishedDeviceJob {
    const finished = { ...deviceJob, outcome, updatedAt: this.#clock.now() }
    this.#deviceJobs.set(finished)
    return finished
  }

  #forgetOldJobs(): void {
    const horizon = this.#clock.now() - historyInMs
    for (const job of this.#jobs.values()) {
      if (isActive(job) || (job.endedAt ?? 0) >= horizon) continue
      this.#jobs.delete(job.jobId)
      this.#deviceJobs.deleteAllOf(job.jobId)
    }
  }
}
