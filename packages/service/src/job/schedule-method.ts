import type { Contract, JsonValue } from '@iothub-dm/protocol'
import type { ActionContext } from '../action/action-context.ts'
import { checkMethodRequest } from '../hub/check-arguments.ts'
import type { MethodResponse } from '../hub/iot-hub.ts'
import { JobHandle } from './job-handle.ts'
import { jobFrame, type ScheduleOptions } from './schedule-options.ts'

/** When, for which devices and with which waits a method job runs. */
export interface ScheduleMethodOptions<TContract extends Contract = Contract> extends ScheduleOptions<TContract> {
  /**
   * How long the hub waits for the answer of a device, 5 to 300 seconds (IoT Hub direct methods guide).
   *
   * @default 30
   */
  readonly responseTimeoutInSeconds?: number | undefined
  /**
   * How long the hub waits for a device that is not connected, 0 to 300 seconds; at most the response time-out.
   *
   * @default 0
   */
  readonly connectTimeoutInSeconds?: number | undefined
}

/**
 * Has the hub call a method of many devices.
 *
 * @throws TypeError, RangeError for options of no use, HubError
 */
export async function scheduleMethod<TResponse>(
  { hub, clock }: Pick<ActionContext, 'hub' | 'clock'>,
  methodName: string,
  payload: JsonValue,
  options: ScheduleMethodOptions<never>,
  decode: (answer: MethodResponse) => TResponse,
): Promise<JobHandle<TResponse>> {
  const { responseTimeoutInSeconds = 30, connectTimeoutInSeconds = 0, abortSignal } = options
  const method = { methodName, payload, responseTimeoutInSeconds, connectTimeoutInSeconds }
  checkMethodRequest(method)
  const frame = jobFrame(options, clock.now())
  await hub.createJob({ ...frame, work: { type: 'scheduleDeviceMethod', method } }, { abortSignal })
  return new JobHandle<TResponse>(frame.jobId, hub, clock, decode)
}
