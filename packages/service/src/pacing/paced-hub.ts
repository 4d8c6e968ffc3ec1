import type { Clock } from '../clock/clock.ts'
import { delay } from '../clock/delay.ts'
import { isHubError } from '../hub/hub-error.ts'
import type { HubCallOptions, IotHub } from '../hub/iot-hub.ts'
import type { HubBudget } from './hub-budget.ts'
import type { HubOperation } from './hub-tier.ts'
import { requestBlocks } from './request-blocks.ts'

/** What a hub meters the request of a direct method in (IoT Hub quotas and throttling). */

/**
 * A hub whose calls wait until the budget has room for them. What the hub refuses all the same lowers the rate; the refusal itself goes
 * to the caller.
 *
 * @param hub the one that is called; closing the paced one closes it
 */
export function pacedHub(hub: IotHub, budget: HubBudget, clock: Clock): IotHub {
  const pace = async <TResult>(
    operation: HubOperation,
    call: () => Promise<TResult>,
    options: HubCallOptions | undefined,
    tokens = 1,
  ): Promise<TResult> => {
    const bucket = budget.of(operation)
    const waitInMs = bucket.take(clock.now(), tokens)
    if (waitInMs > 0) await delay(clock, waitInMs, options?.abortSignal)
    try {
      return await call()
    } catch (error) {
      if (isHubError(error, 'Throttled')) bucket.refused(clock.now(), error.retryAfterInMs)
      throw error
    }
  }
  return {
    invokeMethod: (address, request, options) => {
      const bytes = Buffer.byteLength(JSON.stringify(request.payload))
      return pace('directMethod', () => hub.invokeMethod(address, request, options), options, requestBlocks(bytes))
    },
    getTwin: (address, options) => pace('twinRead', () => hub.getTwin(address, options), options),
    patchTwin: (address, patch, options) => pace('twinUpdate', () => hub.patchTwin(address, patch, options), options),
    replaceTwin: (address, sections, options) =>
      pace('twinUpdate', () => hub.replaceTwin(address, sections, options), options),
    query: (text, options) => pace('query', () => hub.query(text, options), options),
    createDevice: (deviceId, options) => pace('registry', () => hub.createDevice(deviceId, options), options),
    setDeviceStatus: (deviceId, status, options) =>
      pace('registry', () => hub.setDeviceStatus(deviceId, status, options), options),
    deleteDevice: (deviceId, options) => pace('registry', () => hub.deleteDevice(deviceId, options), options),
    createJob: (job, options) => pace('job', () => hub.createJob(job, options), options),
    getJob: (jobId, options) => pace('job', () => hub.getJob(jobId, options), options),
    cancelJob: (jobId, options) => pace('job', () => hub.cancelJob(jobId, options), options),
    queryJobs: options => pace('query', () => hub.queryJobs(options), options),
    putConfiguration: (document, options) =>
      pace('configuration', () => hub.putConfiguration(document, options), options),
    getConfiguration: (id, options) => pace('configuration', () => hub.getConfiguration(id, options), options),
    listConfigurations: options => pace('configuration', () => hub.listConfigurations(options), options),
    deleteConfiguration: (id, options) => pace('configuration', () => hub.deleteConfiguration(id, options), options),
    testConfigurationQueries: (queries, options) =>
      pace('configuration', () => hub.testConfigurationQueries(queries, options), options),
    close: () => hub.close(),
  }
}
