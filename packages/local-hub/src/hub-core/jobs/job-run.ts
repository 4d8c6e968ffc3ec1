import type { CancelTimeout } from '../clock/clock.ts'
import { HubError } from '../error/hub-error.ts'
import type { MethodResult } from '../method/method-calls.ts'
import { QueryError } from '../query/query-error.ts'
import { parseCondition } from '../query/syntax/condition-parser.ts'
import type { DeviceJob, DeviceJobOutcome } from './device-job.ts'
import type { Job } from './job.ts'
import type { JobParts } from './job-parts.ts'

/**
 * One job while it runs: goes from device to device, without waiting for the answers, and ends when all have answered or its time is
 * up (wire reference 7.2).
 */
export class JobRun {
  readonly #parts: JobParts
  readonly #job: Job
  readonly #onEnd: () => void
  readonly #timers = new Set<CancelTimeout>()
  readonly #underWay = new Map<string, DeviceJob>()
  #waiting: readonly DeviceJob[] = []
  #next = 0
  #ended = false

  /** @param onEnd called when the job has ended by itself. */
  constructor(parts: JobParts, job: Job, onEnd: () => void) {
    this.#parts = parts
    this.#job = job
    this.#onEnd = onEnd
  }

  /** Finds the devices and begins. */
  start(): void {
    const problem = this.#findDevices()
    this.#parts.jobs.set(this.#job)
    this.#parts.listener.started(this.#job)
    if (problem === undefined) this.#run()
    else this.#end('failed', `The query condition is invalid: ${problem}`)
  }

  /** Goes on where a former life of the hub ended. What became of the devices that were under way is not known. */
  resume(): void {
    for (const deviceJob of this.#parts.jobs.deviceJobsOf(this.#job.jobId)) {
      const wasUnderWay = deviceJob.startedAt !== undefined && deviceJob.outcome === undefined
      if (wasUnderWay) this.#settle(deviceJob, failure('ServerError', 'The hub went away before the device answered.'))
    }
    this.#run()
  }

  /** Lets go of everything, because the hub goes away. */
  stop(): void {
    this.#ended = true
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  /** What is wrong with the condition; undefined when nothing is. */
  #findDevices(): string | undefined {
    const { jobs, devices } = this.#parts
    try {
      jobs.addDevices(this.#job, devices.targetsOf(parseCondition(this.#job.queryCondition)))
      return undefined
    } catch (error) {
      if (error instanceof QueryError) return error.message
      throw error
    }
  }

  #run(): void {
    const { clock, jobs } = this.#parts
    const { jobId, startsAt, maxExecutionTimeInSeconds } = this.#job
    this.#waiting = Array.from(jobs.deviceJobsOf(jobId)).filter(({ outcome }) => outcome === undefined)
    const timeLeftInMs = startsAt + maxExecutionTimeInSeconds * 1000 - clock.now()
    if (timeLeftInMs <= 0) {
      this.#expire()
      return
    }
    this.#after(timeLeftInMs, () => this.#expire())
    this.#proceed()
  }

  #proceed(): void {
    while (!this.#ended) {
      const deviceJob = this.#waiting[this.#next]
      if (deviceJob === undefined) break
      const waitInMs = this.#parts.pacer.reserve(this.#parts.clock.now())
      if (waitInMs > 0) {
        this.#after(waitInMs, () => this.#proceed())
        return
      }
      this.#next += 1
      this.#perform(deviceJob)
    }
    this.#endIfDone()
  }

  #perform(waiting: DeviceJob): void {
    const { jobs, devices } = this.#parts
    const deviceJob = jobs.begin(waiting)
    try {
      const result = devices.perform(deviceJob.key, this.#job.work)
      if (result === null) this.#settle(deviceJob, success(null))
      else void this.#await(deviceJob, result)
    } catch (error) {
      this.#settle(deviceJob, failureOf(error))
    }
  }

  async #await(deviceJob: DeviceJob, answer: Promise<MethodResult>): Promise<void> {
    this.#underWay.set(deviceJob.key, deviceJob)
    const outcome = await answer.then(success, failureOf)
    if (this.#ended) return
    this.#underWay.delete(deviceJob.key)
    this.#settle(deviceJob, outcome)
    this.#endIfDone()
  }

  #settle(deviceJob: DeviceJob, outcome: DeviceJobOutcome): void {
    this.#parts.listener.deviceFinished(this.#parts.jobs.finish(deviceJob, outcome))
  }

  #expire(): void {
    const reason = `The job did not end within ${this.#job.maxExecutionTimeInSeconds} s.`
    for (const deviceJob of [...this.#underWay.values(), ...this.#waiting.slice(this.#next)]) {
      this.#settle(deviceJob, failure('JobExecutionTimeExceeded', reason))
    }
    this.#end('failed', reason)
  }

  #endIfDone(): void {
    if (!this.#ended && this.#next === this.#waiting.length && this.#underWay.size === 0) this.#end('completed')
  }

  #end(status: 'completed' | 'failed', failureReason?: string): void {
    this.stop()
    const { jobs, clock, listener } = this.#parts
    const job = { ...this.#job, status, endedAt: clock.now(), failureReason }
    jobs.set(job)
    this.#onEnd()
    listener.finished(job)
  }

  #after(delayInMs: number, callback: () => void): void {
    const cancel = this.#parts.clock.setTimeout(() => {
      this.#timers.delete(cancel)
      callback()
    }, delayInMs)
    this.#timers.add(cancel)
  }
}

function success(methodResult: MethodResult | null): DeviceJobOutcome {
  return { status: 'completed', methodResult }
}

function failureOf(error: unknown): DeviceJobOutcome {
  return error instanceof HubError
    ? failure(error.code, error.message)
    : failure('ServerError', 'The hub failed to carry out the job on the device.')
}

function failure(code: string, description: string): DeviceJobOutcome {
  return { status: 'failed', code, description }
}
