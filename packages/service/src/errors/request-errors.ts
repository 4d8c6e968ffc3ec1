import { describeIssues, IotHubDmError, type Issue, isIotHubDmError } from '@iothub-dm/protocol'
import type { MethodResponse } from '../hub/iot-hub.ts'

/** Thrown before anything is sent: the request breaks the schema of its method or action. */
export class InvalidRequestError extends IotHubDmError<'InvalidRequest'> {
  override readonly name = 'InvalidRequestError'
  /** What is wrong, at most ten issues. */
  readonly issues: readonly Issue[]

  /** @param item what was called, such as `method 'getLogs'` */
  constructor(item: string, issues: readonly Issue[]) {
    super('InvalidRequest', `the request of ${item} is invalid: ${describeIssues(issues)}`)
    this.issues = issues
  }
}

/**
 * Thrown when what a device sent is not what the contract says: its software is older, newer, or not ours. The device has
 * acted.
 */
export class InvalidResponseError extends IotHubDmError<'InvalidResponse'> {
  override readonly name = 'InvalidResponseError'
  /** What is wrong, at most ten issues. */
  readonly issues: readonly Issue[]
  /** What the device has answered, where it was an answer: a device with other software says there how it went. */
  readonly answer: MethodResponse | undefined

  /** @param item what was sent, such as `the response of method 'getLogs'` */
  constructor(item: string, issues: readonly Issue[], answer?: MethodResponse) {
    super('InvalidResponse', `${item} is not what the contract says: ${describeIssues(issues)}`)
    this.issues = issues
    this.answer = answer
  }
}

/** Tells whether a caught value is an {@link InvalidResponseError}, whichever copy of the package made it. */
export function isInvalidResponseError(value: unknown): value is InvalidResponseError {
  return isIotHubDmError(value, 'InvalidResponse') && 'issues' in value
}

/**
 * Thrown when no answer came and the twin does not show the operation either: the device may or may not have begun it. Beginning it
 * again with the same `operationId` is safe, it never runs twice.
 */
export class OutcomeUnknownError extends IotHubDmError<'OutcomeUnknown'> {
  override readonly name = 'OutcomeUnknownError'
  readonly operationId: string

  constructor(operationId: string, cause: unknown) {
    super('OutcomeUnknown', `no answer came; whether operation '${operationId}' has begun is unknown`, {
      cause,
      retryable: true,
    })
    this.operationId = operationId
  }
}

/** Tells whether a caught value is an {@link OutcomeUnknownError}, whichever copy of the package made it. */
export function isOutcomeUnknownError(value: unknown): value is OutcomeUnknownError {
  return isIotHubDmError(value, 'OutcomeUnknown') && 'operationId' in value
}
