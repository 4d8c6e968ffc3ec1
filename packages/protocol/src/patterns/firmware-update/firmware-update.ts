import { type ActionDefinition, action } from '../../contract/action.ts'
import type { Schema } from '../../schema/standard-schema.ts'
import { type FirmwareErrorCode, firmwareErrorCodes } from './firmware-error-code.ts'
import { firmwarePhases, firmwareSection, firmwareSectionSize, firmwareUpdateLeaves } from './firmware-section.ts'
import { decodePublishedFirmwareUpdate } from './firmware-update-published.ts'
import {
  type FirmwareUpdateRequest,
  type FirmwareUpdateRequestInput,
  firmwareUpdateFromBarePayload,
  firmwareUpdateFromDesired,
  firmwareUpdateRequest,
  firmwareUpdateSecrets,
} from './firmware-update-request.ts'
import { type FirmwareUpdateResult, firmwareUpdateResult } from './firmware-update-result.ts'

/**
 * The firmware update pattern of IoT Hub device management: direct method `firmwareUpdate`, or the desired section `firmware`, one
 * pipeline; reported in `iothubDM.firmwareUpdate` and in the documented section `firmware`.
 *
 * @example
 * ```ts
 * const contract = defineContract({ actions: { firmwareUpdate } })
 * ```
 */
export const firmwareUpdate: ActionDefinition<
  Schema<FirmwareUpdateRequestInput, FirmwareUpdateRequest>,
  Schema<FirmwareUpdateResult, FirmwareUpdateResult>,
  (typeof firmwarePhases)[number],
  FirmwareErrorCode,
  'idempotent' | 'restarts'
> = action({
  request: firmwareUpdateRequest,
  result: firmwareUpdateResult,
  phases: firmwarePhases,
  errors: firmwareErrorCodes,
  effects: ['idempotent', 'restarts'],
  secrets: firmwareUpdateSecrets,
  pattern: {
    aliases: [],
    fromBarePayload: firmwareUpdateFromBarePayload,
    desired: { section: 'firmware', toRequest: firmwareUpdateFromDesired },
    documentedLeaves: firmwareUpdateLeaves,
    documentedSections: {
      names: ['firmware'],
      size: firmwareSectionSize,
      of: state => ({ firmware: firmwareSection(state) }),
    },
    decodePublished: decodePublishedFirmwareUpdate,
  },
})
