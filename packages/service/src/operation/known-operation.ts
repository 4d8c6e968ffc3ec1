import type { OperationRecord } from '@iothub-dm/protocol'

/**
 * What the record of an operation rests on.
 * `request`: the desired properties ask for it, and the device has said nothing of it yet; `answer`: the device has answered the call
 * that began it; `report`: the device has reported it in its twin.
 */
export type RecordSource = 'request' | 'answer' | 'report'

/** What is known of an operation when somebody begins to follow it. */
export interface KnownOperation {
  readonly record: OperationRecord
  readonly source: RecordSource
}
