import { IotHubDmError, isJsonObject, type JsonValue } from '@iothub-dm/protocol'
import type { Job } from '../job/job.ts'

/** Thrown by `wait()` when the hub gave a job up; a job that failed on some devices has not failed. */
export class JobFailedError extends IotHubDmError<'JobFailed'> {
  override readonly name = 'JobFailedError'
  readonly job: Job

  constructor(job: Job) {
    super('JobFailed', `job '${job.jobId}' failed: ${job.failureReason ?? 'the hub gave no reason'}`)
    this.job = job
  }
}

/** Thrown by `wait()` when a job took longer than that; it goes on. */
export class JobTimeoutError extends IotHubDmError<'WaitTimeout'> {
  override readonly name = 'JobTimeoutError'

  constructor(jobId: string, timeoutInMs: number) {
    super('WaitTimeout', `job '${jobId}' was not over after ${timeoutInMs} ms`, { retryable: true })
  }
}

/** Why a job did not get through to a device. */
export class JobDeviceError extends IotHubDmError<'JobDeviceFailed'> {
  override readonly name = 'JobDeviceError'
  readonly deviceId: string
  /** The hub's own word, such as `DeviceNotOnline` or `404103`. */
  readonly reason: string

  constructor(deviceId: string, reason: string, description: string) {
    super('JobDeviceFailed', `the job did not get through to device '${deviceId}': ${reason}${description}`, {
      retryable: true,
    })
    this.deviceId = deviceId
    this.reason = reason
  }

  /** @internal Reads the member `error` of a row of `devices.jobs`. */
  static of(deviceId: string, error: JsonValue | undefined): JobDeviceError {
    if (!isJsonObject(error)) return new JobDeviceError(deviceId, 'unknown', '')
    const reason = typeof error.code === 'string' || typeof error.code === 'number' ? String(error.code) : 'unknown'
    return new JobDeviceError(deviceId, reason, typeof error.description === 'string' ? `, ${error.description}` : '')
  }
}
