import { HubError } from '../error/hub-error.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import { assertSectionSize } from './section-size.ts'
import type { Twin } from './twin.ts'
import { patchSection } from './twin-section.ts'
import { validateSection } from './validate-section.ts'

/** How a device reports. */
export interface ReportedWriteOptions {
  readonly timeInMs: number
  /** The reported `$version` the device believes to be current, if it wants that checked (wire reference 1.15). */
  readonly expectedVersion?: number | undefined
}

/** The twin after a report, and the patch that was applied. */
export interface ReportedWrite {
  readonly twin: Twin
  readonly patch: JsonObject
}

/**
 * Applies a reported-properties patch of a device.
 *
 * @throws HubError 400 for an illegal patch, 412 for another version, 413 for a result over the size limit.
 */
export function reportProperties(
  twin: Twin,
  patch: JsonValue | undefined,
  options: ReportedWriteOptions,
): ReportedWrite {
  if (!isJsonObject(patch)) {
    throw new HubError('ArgumentInvalid', 'Reported properties must be a JSON object.', { form: 'nested' })
  }
  if (options.expectedVersion !== undefined && options.expectedVersion !== twin.reported.version) {
    throw new HubError('PreconditionFailed', 'The $version of the reported properties is not the current one.')
  }
  validateSection(patch, 'deletes')
  const reported = patchSection(twin.reported, patch, { timeInMs: options.timeInMs, showVersions: false })
  assertSectionSize('reported', reported.properties)
  return { twin: { ...twin, reported }, patch }
}
