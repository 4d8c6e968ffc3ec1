import type { JsonValue } from '../json/json-value.ts'
import type { OperationState } from './operation-state.ts'

/** Why an operation did not succeed. */
export interface OperationError<TCode extends string = string> {
  /** One of the action's own codes, or one of `operationErrorCode`. */
  readonly code: TCode
  /** For people; at most `limits.errorMessageLength` characters. */
  readonly message: string
  /** Whether the same operation may succeed when it is begun again. */
  readonly retryable: boolean
}

/** One run of an action on one device, as it is reported in `iothubDM.<action>`. Times are ISO 8601, UTC. */
export interface OperationRecord<
  TResult = JsonValue,
  TPhase extends string = string,
  TErrorCode extends string = string,
> {
  readonly operationId: string
  /** Where it is in its life cycle. */
  readonly state: OperationState
  /** The last phase that the handler named; before the first one, and after success, the word of the state. */
  readonly status: TPhase | OperationState
  /** 0 to 100, within the phase. */
  readonly percent?: number
  /** For people; at most `limits.detailLength` characters. */
  readonly detail?: string
  /** Which life of the handler it is: 1, and one more after every restart or crash. 0 before it has begun. */
  readonly attempt: number
  readonly acceptedTime: string
  /** When the handler first began. */
  readonly startedTime?: string
  readonly updatedTime: string
  /** When it reached its terminal state. */
  readonly finishedTime?: string
  /** What the handler returned. */
  readonly result?: TResult
  /** Why it did not succeed. */
  readonly error?: OperationError<TErrorCode>
  /** Ids of operations of the same action that wait for it, the next one first; they are reported when it is their turn. */
  readonly queued?: readonly string[]
}

/** Codes of {@link OperationError} that any action may end with, beside its own. */
export const operationErrorCode = {
  /** The handler threw. */
  HandlerFailed: 'HandlerFailed',
  /** The software that went on with the operation has a schema that the request breaks. */
  InvalidRequest: 'InvalidRequest',
  /** The device could not write to its disk. */
  PersistenceFailed: 'PersistenceFailed',
  /** The handler returned a result that breaks its schema, or one that JSON cannot carry. */
  InvalidResult: 'InvalidResult',
  /** The device was still in the same boot when the restart should have been over. */
  RestartNotObserved: 'RestartNotObserved',
  /** A step that must not be repeated was cut off in the middle. */
  StepInterrupted: 'StepInterrupted',
  /** The device crashed or restarted too often in the operation. */
  TooManyAttempts: 'TooManyAttempts',
  /** The software that went on with it lacks a step that must not be repeated, in which it was cut off. */
  HandlerChanged: 'HandlerChanged',
  /** Its time limit passed before it was over. */
  OperationTimedOut: 'OperationTimedOut',
  /** The time limit of a step passed. */
  StepTimedOut: 'StepTimedOut',
  /** The device decided against it before it began. */
  AdmissionRefused: 'AdmissionRefused',
  /** Asked for by desired properties: the request breaks the schema. */
  InvalidPayload: 'InvalidPayload',
  /** Asked for by desired properties: its id belongs to another request; it is reported under an id of its own. */
  OperationConflict: 'OperationConflict',
  /** Asked for by desired properties: it loses data, and came without a good token. */
  NotArmed: 'NotArmed',
  /** The device lost its journal in the middle of it; what has been done is unknown. */
  OutcomeUnknown: 'OutcomeUnknown',
  /** Its time ran out before it began. */
  Expired: 'Expired',
  /** The device's software knows the action no longer. */
  UnknownAction: 'UnknownAction',
} as const

/** A code of {@link operationErrorCode}. */
export type OperationErrorCode = (typeof operationErrorCode)[keyof typeof operationErrorCode]
