import type { Clock } from '../clock/clock.ts'
import { delay } from '../clock/delay.ts'
import { JobFailedError, JobTimeoutError } from '../errors/job-errors.ts'
import { checkTimeoutInMs } from '../hub/check-arguments.ts'
import { HubError } from '../hub/hub-error.ts'
import type { HubCallOptions, JobCalls, QueryCalls } from '../hub/iot-hub.ts'
import { literal } from '../query/literal.ts'
import { type Paged, paged } from '../query/paged.ts'
import { readPages } from '../query/read-pages.ts'
import { type DecodeAnswer, type DeviceJobOutcome, readDeviceJob } from './device-job-outcome.ts'
import { isJobOver, type Job } from './job.ts'

/** Options of {@link JobHandle.wait}. */
export interface WaitForJobOptions {
  /** How long to wait, in milliseconds. Default: without end. */
  readonly timeoutInMs?: number | undefined
  /**
   * Time between two looks, in milliseconds. A hub of the smallest tier takes 100 job calls a minute.
   *
   * @default 5_000
   */
  readonly pollIntervalInMs?: number | undefined
  readonly abortSignal?: AbortSignal | undefined
}

/**
 * A job: the hub itself calls a method of many devices, or writes to their twins.
 *
 * @example
 * ```ts
 * const job = await fleet.actions.reboot.schedule({}, { condition: where(t => t.tags('site').eq('oslo')) })
 * await job.wait()
 * for await (const { deviceId, state } of job.outcomes()) console.log(deviceId, state)
 * ```
 */
export class JobHandle<TResponse = unknown> {
  readonly jobId: string
  readonly #hub: JobCalls & QueryCalls
  readonly #clock: Clock
  readonly #decode: DecodeAnswer

  /** @internal */
  constructor(jobId: string, hub: JobCalls & QueryCalls, clock: Clock, decode: DecodeAnswer) {
    this.jobId = jobId
    this.#hub = hub
    this.#clock = clock
    this.#decode = decode
  }

  /**
   * Where the job is.
   *
   * @throws HubError `JobNotFound` when the hub knows it no longer; it keeps jobs for 30 days
   */
  async get(options?: HubCallOptions): Promise<Job> {
    const job = await this.#hub.getJob(this.jobId, options)
    if (job === undefined) throw new HubError('JobNotFound', `the hub knows no job '${this.jobId}'`)
    return job
  }

  /**
   * Waits for the end of the job.
   *
   * @returns the job, completed or cancelled; completed jobs may have failed on some devices
   * @throws JobFailedError when the hub gave it up, for a condition that is none, for example
   * @throws JobTimeoutError when it took longer than that
   * @throws HubError when the job cannot be read
   */
  async wait({ timeoutInMs, pollIntervalInMs = 5_000, abortSignal }: WaitForJobOptions = {}): Promise<Job> {
    checkTimeoutInMs('pollIntervalInMs', pollIntervalInMs)
    if (timeoutInMs !== undefined) checkTimeoutInMs('timeoutInMs', timeoutInMs)
    const deadline = timeoutInMs === undefined ? Number.POSITIVE_INFINITY : this.#clock.now() + timeoutInMs
    for (;;) {
      const job = await this.get({ abortSignal })
      if (job.status === 'failed') throw new JobFailedError(job)
      if (isJobOver(job)) return job
      const leftInMs = deadline - this.#clock.now()
      if (leftInMs <= 0) throw new JobTimeoutError(this.jobId, timeoutInMs ?? 0)
      await delay(this.#clock, Math.min(pollIntervalInMs, leftInMs), abortSignal)
    }
  }

  /**
   * Ends a job that has not begun.
   *
   * @throws HubError `HubRefused` when it runs already, or is over
   */
  async cancel(options?: HubCallOptions): Promise<Job> {
    return this.#hub.cancelJob(this.jobId, options)
  }

  /** What became of it on each device, as far as the hub knows. Seconds behind, as queries are. */
  outcomes(): Paged<DeviceJobOutcome<TResponse>>
  outcomes(): Paged<DeviceJobOutcome> {
    const text = `SELECT * FROM devices.jobs WHERE devices.jobs.jobId = ${literal(this.jobId)}`
    const { hub, clock, decode } = { hub: this.#hub, clock: this.#clock, decode: this.#decode }
    return paged(async function* (options) {
      for await (const rows of readPages(hub, clock, text, options)) {
        yield rows.flatMap(row => readDeviceJob(row, decode) ?? [])
      }
    })
  }
}
