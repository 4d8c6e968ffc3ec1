import { HubError } from '../error/hub-error.ts'
import type { OperationKind } from './operation.ts'

/** What the hub calls an operation when it refuses it. Only the one for configurations was ever seen in public. */
const operationTypes: Readonly<Record<OperationKind, string>> = {
  identityOperation: 'DeviceRegistryOperation',
  twinRead: 'TwinRead',
  twinUpdate: 'TwinUpdate',
  directMethod: 'DirectMethod',
  query: 'DeviceQuery',
  jobOperation: 'JobOperation',
  jobDeviceOperation: 'JobDeviceOperation',
  configurationOperation: 'ConfigurationWrite',
  deviceConnection: 'DeviceConnect',
  telemetry: 'DeviceToCloudMessage',
  cloudToDevice: 'CloudToDeviceMessage',
}

/** 429: the backlog of a kind of operation is full (wire reference 2.6). */
export function throttled(kind: OperationKind): HubError {
  return new HubError(
    'ThrottlingException',
    `The request has been throttled. Wait 10 seconds and try again. Operation type: ${operationTypes[kind]}`,
    { form: kind === 'directMethod' ? 'nested' : 'text' },
  )
}

/** 403: the messages of the day are used up. */
export function quotaExceeded(hubName: string, messagesPerDay: number, used: number): HubError {
  return new HubError(
    'IotHubQuotaExceeded',
    `Total number of messages on IotHub '${hubName}' exceeded the allocated quota. ` +
      `Max allowed message count : '${messagesPerDay}', current message count : '${used}'. ` +
      'Send and Receive operations are blocked for this hub until the next UTC day.',
  )
}
