import { type ActionDefinition, action } from '../../contract/action.ts'
import type { JsonObject } from '../../json/json-value.ts'
import type { OperationRecord } from '../../operation/operation-record.ts'
import type { Schema } from '../../schema/standard-schema.ts'
import {
  type FactoryResetRequest,
  type FactoryResetResult,
  factoryResetRequest,
  factoryResetResult,
  losesData,
} from './factory-reset-request.ts'

/**
 * The factory reset pattern of IoT Hub device management: direct method `factoryReset`, reported in `iothubDM.factoryReset`. The
 * pages of Microsoft name the pattern and nothing in it, so the names are this library's own, after those of the reboot.
 *
 * Whatever loses data has to be armed first, see `armFactoryReset`. An operation succeeds only when the device has come back
 * in another boot.
 *
 * @example
 * ```ts
 * const contract = defineContract({ actions: { factoryReset } })
 * ```
 */
export const factoryReset: ActionDefinition<
  Schema<FactoryResetRequest, FactoryResetRequest>,
  Schema<FactoryResetResult, FactoryResetResult>,
  'preparing' | 'wiping' | 'verifying',
  'cannotKeep' | 'notWiped',
  'losesData' | 'restarts'
> = action({
  request: factoryResetRequest,
  result: factoryResetResult,
  phases: ['preparing', 'wiping', 'verifying'],
  errors: ['cannotKeep', 'notWiped'],
  effects: ['losesData', 'restarts'],
  secrets: ['token'],
  pattern: {
    aliases: [],
    provenBy: 'restart',
    arming: losesData,
    fromBarePayload: payload => payload ?? {},
    documentedLeaves: factoryResetLeaves,
    decodePublished: () => undefined,
  },
})

/** `lastFactoryReset`: the time at which the last one was over that was proven; it stays when a later one fails. */
function factoryResetLeaves(record: OperationRecord): JsonObject {
  return record.state === 'succeeded' ? { lastFactoryReset: record.finishedTime } : {}
}
