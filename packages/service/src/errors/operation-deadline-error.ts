import { IotHubDmError, isIotHubDmError, type OperationRecord } from '@iothub-dm/protocol'

/** How an operation can be late. */
export const operationDeadlineCodes = ['OperationNeverStarted', 'OperationOverdue', 'OperationSilent'] as const

/** One of {@link operationDeadlineCodes}. */
export type OperationDeadlineCode = (typeof operationDeadlineCodes)[number]

/** Thrown when an operation is late in one of the ways for which a deadline was given. It goes on. */
export class OperationDeadlineError<
  TCode extends OperationDeadlineCode = OperationDeadlineCode,
> extends IotHubDmError<TCode> {
  override readonly name: string = 'OperationDeadlineError'
  /** What was last seen of it. */
  readonly record: OperationRecord<unknown>
  /** The deadline, in milliseconds. */
  readonly afterInMs: number

  constructor(code: TCode, record: OperationRecord<unknown>, afterInMs: number) {
    super(code, `operation '${record.operationId}' ${phrases[code]} ${afterInMs} ms`, { retryable: true })
    this.record = record
    this.afterInMs = afterInMs
  }
}

const phrases: { readonly [TCode in OperationDeadlineCode]: string } = {
  OperationNeverStarted: 'has not begun for',
  OperationOverdue: 'has begun, and is not over after',
  OperationSilent: 'has begun, and nothing new was reported for',
}

/**
 * Tells whether a caught value is an {@link OperationDeadlineError}, whichever copy of the package made it.
 *
 * @param code narrows to errors of this code
 */
export function isOperationDeadlineError<TCode extends OperationDeadlineCode = OperationDeadlineCode>(
  value: unknown,
  code?: TCode,
): value is OperationDeadlineError<TCode> {
  return isIotHubDmError(value, code) && operationDeadlineCodes.some(known => known === value.code)
}
