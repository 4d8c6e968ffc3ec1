import {
  describeIssues,
  IotHubDmError,
  type Issue,
  isIotHubDmError,
  type OperationReference,
  type Refusal,
  type RefusalCode,
  refusalStatus,
} from '@iothub-dm/protocol'

/** The codes of a {@link RefusedError}: those of the device, and `Refused` for what other software answers. */
export type RefusedErrorCode = RefusalCode | 'Refused'

/**
 * The device answered, and the answer is no.
 *
 * @example
 * ```ts
 * try {
 *   await camera.actions.reboot.begin()
 * } catch (error) {
 *   if (isRefusedError(error, 'Busy')) console.log('busy with', error.operation)
 *   else throw error
 * }
 * ```
 */
export class RefusedError<TCode extends RefusedErrorCode = RefusedErrorCode> extends IotHubDmError<TCode> {
  override readonly name: string = 'RefusedError'
  /** The status of the device's answer. */
  readonly status: number
  /** For `InvalidPayload`: what the device found wrong. */
  readonly issues: readonly Issue[]
  /** For `Busy`, `OperationConflict` and `NotCancellable`: the operation that stands in the way. */
  readonly operation: OperationReference | undefined

  constructor(code: TCode, item: string, status: number, refusal: Refusal) {
    const issues = refusal.issues ?? []
    const details = issues.length === 0 ? '' : `: ${describeIssues(issues)}`
    super(code, `the device refused ${item} with status ${status}: ${refusal.message}${details}`, {
      retryable: retryableCodes.includes(code),
    })
    this.status = status
    this.issues = issues
    this.operation = refusal.operation
  }
}

const retryableCodes: readonly RefusedErrorCode[] = [
  'Busy',
  'NotReady',
  'PersistenceFailed',
  'TooManyFailures',
  'TooManyRequests',
]

/**
 * Makes the error of an answer with an error status.
 *
 * @param item what was called, such as `method 'getLogs'`
 */
export function toRefusedError(item: string, status: number, refusal: Refusal): RefusedError {
  const code = refusedErrorCodes.find(known => known === refusal.code) ?? 'Refused'
  return new RefusedError(code, item, status, refusal)
}

/**
 * Tells whether a caught value is a {@link RefusedError}, whichever copy of the package made it.
 *
 * @param code narrows to errors of this code
 */
export function isRefusedError<TCode extends RefusedErrorCode = RefusedErrorCode>(
  value: unknown,
  code?: TCode,
): value is RefusedError<TCode> {
  // Some codes have a second meaning elsewhere: `OperationNotFound` is also thrown when a twin does not show an operation.
  return isIotHubDmError(value, code) && 'status' in value && refusedErrorCodes.some(known => known === value.code)
}

const refusedErrorCodes: readonly RefusedErrorCode[] = [...keysOf(refusalStatus), 'Refused']

function keysOf<TObject extends object>(object: TObject): readonly (keyof TObject)[] {
  const keys: (keyof TObject)[] = []
  for (const key in object) keys.push(key)
  return keys
}
