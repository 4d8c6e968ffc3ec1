import type { Operation, OperationOutcome } from './operation.ts'

/** The size of what is billed as one message, unless the hub is a free one. */
export const standardMessageSizeInBytes: number = 4 * 1024

/** How many messages this many bytes are billed as: at least one. */
export function billedBlocks(sizeInBytes: number, messageSizeInBytes: number): number {
  return Math.max(1, Math.ceil(sizeInBytes / messageSizeInBytes))
}

/**
 * How many messages an operation is billed as ("Understand Azure IoT Hub pricing"). A method costs request and answer, also when the
 * device is not there. Management of identities, jobs and configurations is free, and so is everything else that fails.
 */
export function billedMessages(operation: Operation, outcome: OperationOutcome, messageSizeInBytes: number): number {
  const request = billedBlocks(operation.requestSizeInBytes, messageSizeInBytes)
  const response = billedBlocks(outcome.responseSizeInBytes, messageSizeInBytes)
  const succeeded = outcome.status < 400
  switch (operation.kind) {
    case 'directMethod':
      return request + response
    case 'twinRead':
    case 'query':
      return succeeded ? response : 0
    case 'twinUpdate':
    case 'telemetry':
    case 'cloudToDevice':
      return succeeded ? request : 0
    case 'identityOperation':
    case 'jobOperation':
    case 'jobDeviceOperation':
    case 'configurationOperation':
    case 'deviceConnection':
      return 0
  }
}

/** Whether operations of a kind are billed, and therefore stop at the end of the daily quota. */
export function isBilled(kind: Operation['kind']): boolean {
  return billedMessages({ kind, requestSizeInBytes: 0 }, { status: 200, responseSizeInBytes: 0 }, 1) > 0
}
