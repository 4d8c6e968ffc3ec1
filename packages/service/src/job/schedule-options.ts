import { randomUUID } from 'node:crypto'
import type { Contract } from '@iothub-dm/protocol'
import { checkDate } from '../hub/check-arguments.ts'
import type { Condition } from '../query/condition.ts'

/** When and for which devices a job runs. */
export interface ScheduleOptions<TContract extends Contract = Contract> {
  /** Which devices, found when the job begins; all, when it is left out. */
  readonly condition?: Condition<TContract> | undefined
  /** When it begins, at most seven days ahead. Default: now. */
  readonly startTime?: Date | undefined
  /**
   * How long it may take, in seconds; devices that were not reached by then are left out.
   *
   * @default 3_600
   */
  readonly maxExecutionTimeInSeconds?: number | undefined
  /** 1 to 64 lower-case letters, digits and hyphens. Default: a random one. */
  readonly jobId?: string | undefined
  readonly abortSignal?: AbortSignal | undefined
}

/** The part of a job that does not depend on what it does. */
export interface JobFrame {
  readonly jobId: string
  readonly queryCondition: string
  readonly startTime: Date | undefined
  readonly maxExecutionTimeInSeconds: number
}

/** The longest time ahead that the hub takes (wire reference 7.1). */
const maxDelayInMs = 7 * 24 * 3_600_000

/**
 * Checks the options against the hub's rules, so that a mistake is told where it was made.
 *
 * @throws TypeError, RangeError naming the option
 */
export function jobFrame(options: ScheduleOptions<never>, nowInMs: number): JobFrame {
  const { condition, startTime, maxExecutionTimeInSeconds = 3_600, jobId = randomUUID() } = options
  if (!/^[a-z0-9-]{1,64}$/.test(jobId)) {
    throw new RangeError(`jobId: expected 1 to 64 of a-z, 0-9 and -, got ${JSON.stringify(jobId)}`)
  }
  if (!Number.isInteger(maxExecutionTimeInSeconds) || maxExecutionTimeInSeconds < 1) {
    throw new RangeError(`maxExecutionTimeInSeconds: expected an integer from 1, got ${maxExecutionTimeInSeconds}`)
  }
  if (startTime !== undefined) checkStartTime(startTime, nowInMs)
  return { jobId, queryCondition: condition?.text ?? '*', startTime, maxExecutionTimeInSeconds }
}

function checkStartTime(startTime: Date, nowInMs: number): void {
  checkDate('startTime', startTime)
  if (startTime.getTime() - nowInMs > maxDelayInMs) {
    throw new RangeError(`startTime: expected at most seven days ahead, got ${startTime.toISOString()}`)
  }
}
