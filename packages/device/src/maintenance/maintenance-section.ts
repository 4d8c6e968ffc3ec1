import {
  type ConfigurationDefinition,
  type Contract,
  type JsonValue,
  type MaintenancePolicy,
  maintenancePolicy,
  validate,
} from '@iothub-dm/protocol'

/** The section of the desired properties that holds the maintenance policy. */
export interface MaintenanceSection {
  readonly name: string
  readonly definition: ConfigurationDefinition
}

/** The section of a contract that holds the maintenance policy; undefined when it has none. */
export function findMaintenanceSection({ configurations }: Contract): MaintenanceSection | undefined {
  const [found] = Object.entries(configurations).filter(([, { pattern }]) => pattern === 'maintenanceWindow')
  return found === undefined ? undefined : { name: found[0], definition: found[1] }
}

/** Takes JSON as a maintenance policy; undefined when it is none. */
export function parseMaintenancePolicy(value: JsonValue | undefined): MaintenancePolicy | undefined {
  const checked = validate(maintenancePolicy, value, 'maintenance policy')
  return checked.valid ? checked.value : undefined
}
