import * as v from 'valibot'
import type { Schema } from '../../schema/standard-schema.ts'

/** What became of a firmware update that succeeded. */
export interface FirmwareUpdateResult {
  /** `updated`: the device was restarted into the version; `alreadyCurrent`: it ran before, and nothing was done. */
  readonly outcome: 'updated' | 'alreadyCurrent'
  /** The version that runs, as the device itself says. */
  readonly version: string
  /** The version that ran before. */
  readonly previousVersion: string
}

const version = v.pipe(v.string(), v.maxLength(128))

/** Schema of a {@link FirmwareUpdateResult}. */
export const firmwareUpdateResult: Schema<FirmwareUpdateResult, FirmwareUpdateResult> = v.object({
  outcome: v.picklist(['updated', 'alreadyCurrent']),
  version,
  previousVersion: version,
})
