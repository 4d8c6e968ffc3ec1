import type { ConfigurationDefinition } from '../../contract/configuration.ts'
import type { Schema } from '../../schema/standard-schema.ts'
import { type MaintenancePolicy, maintenancePolicy } from './maintenance-policy.ts'

/**
 * The maintenance window policy of IoT Hub device management: a section of the desired properties, by convention
 * `maintenanceWindow`, that says when a device may be disturbed. The agent follows it by itself, so it has no handler, and
 * reports `open`, `nextOpening` and `nextClosing` beside the acknowledgement.
 *
 * @example
 * ```ts
 * const contract = defineContract({ actions: { reboot }, configurations: { maintenanceWindow } })
 * ```
 */
export const maintenanceWindow: MaintenanceWindowDefinition = Object.freeze({
  kind: 'configuration',
  schema: maintenancePolicy,
  pattern: 'maintenanceWindow',
})

/** The definition of {@link maintenanceWindow}. */
export interface MaintenanceWindowDefinition
  extends ConfigurationDefinition<Schema<MaintenancePolicy, MaintenancePolicy>> {
  readonly pattern: 'maintenanceWindow'
}
