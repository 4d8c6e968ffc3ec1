import type { InputOf, OutputOf, Schema } from '../schema/standard-schema.ts'

/** A section of desired properties with its acknowledgement in reported properties. Made by {@link configuration}. */
export interface ConfigurationDefinition<TSchema extends Schema = Schema> {
  readonly kind: 'configuration'
  /** Schema of the section. */
  readonly schema: TSchema
  /** A documented section that the agent itself follows: it has no handler. */
  readonly pattern?: 'maintenanceWindow'
}

/**
 * Describes a section of desired properties.
 *
 * @param schema schema of the section, an object
 * @example
 * ```ts
 * const telemetry = configuration(v.object({ sendFrequencySeconds: v.pipe(v.number(), v.minValue(1)) }))
 * ```
 */
export function configuration<TSchema extends Schema>(schema: TSchema): ConfigurationDefinition<TSchema> {
  return Object.freeze({ kind: 'configuration', schema })
}

/** What a back end sets. */
export type ConfigurationInput<TConfiguration extends ConfigurationDefinition> = InputOf<TConfiguration['schema']>
/** What a device applies. */
export type ConfigurationOutput<TConfiguration extends ConfigurationDefinition> = OutputOf<TConfiguration['schema']>
