import type { InputOf, OutputOf, Schema } from '../schema/standard-schema.ts'

/**
 * How a device acknowledges a section of desired properties, in the reported section of the same name. `plugAndPlay`: `{value, ac, av,
 * ad}` (Plug and Play conventions); `status`: the values in use with `status` and `pendingConfig` beside them (device twins
 * guide, twin configuration tutorial), for back ends that were written for those.
 */
export type AcknowledgementStyle = 'plugAndPlay' | 'status'

/** A section of desired properties with its acknowledgement in reported properties. Made by {@link configuration}. */
export interface ConfigurationDefinition<TSchema extends Schema = Schema> {
  readonly kind: 'configuration'
  /** Schema of the section. */
  readonly schema: TSchema
  /** How it is acknowledged; `plugAndPlay` where it does not say. */
  readonly acknowledgement?: AcknowledgementStyle
  /** A documented section that the agent itself follows: it has no handler. */
  readonly pattern?: 'maintenanceWindow'
}

/** Options of {@link configuration}. */
export interface ConfigurationOptions {
  /** How the device acknowledges it. Default: `plugAndPlay`. */
  readonly acknowledgement?: AcknowledgementStyle | undefined
}

/**
 * Describes a section of desired properties.
 *
 * @param schema schema of the section, an object
 * @throws TypeError when an option is of no use
 * @example
 * ```ts
 * const telemetry = configuration(v.object({ sendFrequencySeconds: v.pipe(v.number(), v.minValue(1)) }))
 * ```
 */
export function configuration<TSchema extends Schema>(
  schema: TSchema,
  { acknowledgement = 'plugAndPlay' }: ConfigurationOptions = {},
): ConfigurationDefinition<TSchema> {
  if (acknowledgement !== 'plugAndPlay' && acknowledgement !== 'status') {
    throw new TypeError(`acknowledgement: expected 'plugAndPlay' or 'status', got ${JSON.stringify(acknowledgement)}`)
  }
  return Object.freeze({ kind: 'configuration', schema, acknowledgement })
}

/** What a back end sets. */
export type ConfigurationInput<TConfiguration extends ConfigurationDefinition> = InputOf<TConfiguration['schema']>
/** What a device applies. */
export type ConfigurationOutput<TConfiguration extends ConfigurationDefinition> = OutputOf<TConfiguration['schema']>
