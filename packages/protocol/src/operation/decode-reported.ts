import type { ActionDefinition, PublishedReport } from '../contract/action.ts'
import type { JsonObject } from '../json/json-value.ts'
import { decodeOperationRecord } from './decode-operation.ts'
import type { OperationRecord } from './operation-record.ts'
import { operationSection } from './reported-section.ts'

/** What a device has reported about an action. */
export type ReportedOperation =
  /** By this library, or in its shape. */
  | { readonly kind: 'operation'; readonly record: OperationRecord }
  /** By other software, in a shape that has been published. */
  | { readonly kind: 'published'; readonly report: PublishedReport }

/**
 * Reads what a device has reported about an action, in our shape or in a published one.
 *
 * @param reported the reported properties of the twin
 * @returns undefined when nothing about the action is there
 * @example
 * ```ts
 * const found = decodeReportedOperation('reboot', reboot, twin.properties.reported)
 * if (found?.kind === 'operation') console.log(found.record.state)
 * ```
 */
export function decodeReportedOperation(
  actionName: string,
  action: ActionDefinition,
  reported: JsonObject,
): ReportedOperation | undefined {
  const record = decodeOperationRecord(operationSection(reported, actionName))
  if (record !== undefined) return { kind: 'operation', record }
  const report = action.pattern?.decodePublished(reported)
  return report === undefined ? undefined : { kind: 'published', report }
}
