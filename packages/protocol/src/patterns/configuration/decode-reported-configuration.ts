import type { JsonObject } from '../../json/json-value.ts'
import { type ConfigurationAcknowledgement, decodeAcknowledgement } from './acknowledgement.ts'
import { decodePublishedConfiguration, type PublishedConfiguration } from './configuration-published.ts'

/** What a device reports about a configuration. */
export type ReportedConfiguration =
  | { readonly kind: 'acknowledged'; readonly acknowledgement: ConfigurationAcknowledgement }
  | { readonly kind: 'published'; readonly report: PublishedConfiguration }

/**
 * Reads what a device reports about a configuration, whatever software wrote it.
 *
 * @param name of the section
 * @param reported the reported properties
 * @returns undefined when it reports nothing about it
 * @example
 * ```ts
 * const found = decodeReportedConfiguration('telemetry', twin.properties.reported)
 * if (found?.kind === 'acknowledged') console.log(found.acknowledgement.ac)
 * ```
 */
export function decodeReportedConfiguration(name: string, reported: JsonObject): ReportedConfiguration | undefined {
  const acknowledgement = decodeAcknowledgement(Object.hasOwn(reported, name) ? reported[name] : undefined)
  if (acknowledgement !== undefined) return { kind: 'acknowledged', acknowledgement }
  const report = decodePublishedConfiguration(name, reported)
  return report === undefined ? undefined : { kind: 'published', report }
}
