import {
  type ActionDefinition,
  type ActionResultOutput,
  type ErrorCodeOf,
  type OperationErrorCode,
  type OperationRecord,
  type PhaseOf,
  type PublishedReport,
  validate,
} from '@iothub-dm/protocol'
import { InvalidResponseError } from '../errors/request-errors.ts'

/** The record of an operation, typed by its action. */
export type ActionRecord<TAction extends ActionDefinition = ActionDefinition> = OperationRecord<
  ActionResultOutput<TAction>,
  PhaseOf<TAction>,
  ErrorCodeOf<TAction> | OperationErrorCode
>

/** What a device last reported about an action. */
export type LatestOperation<TAction extends ActionDefinition = ActionDefinition> =
  /** By this library, or in its shape. */
  | { readonly kind: 'operation'; readonly record: ActionRecord<TAction> }
  /** By other software, in a shape that Microsoft has published. */
  | { readonly kind: 'published'; readonly report: PublishedReport }

/**
 * Holds the result in a record against its schema.
 *
 * @throws InvalidResponseError when the result breaks it
 */
export function readActionRecord<TAction extends ActionDefinition>(
  actionName: string,
  action: TAction,
  record: OperationRecord,
): ActionRecord<TAction>
export function readActionRecord(actionName: string, action: ActionDefinition, record: OperationRecord): ActionRecord {
  if (record.state !== 'succeeded') return record
  const item = `result of action '${actionName}'`
  const result = validate(action.result, record.result, item)
  if (!result.valid) throw new InvalidResponseError(`the ${item}`, result.issues)
  return result.value === undefined ? record : { ...record, result: result.value }
}
