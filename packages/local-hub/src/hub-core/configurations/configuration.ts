import type { JsonObject } from '../json/json.ts'

/** What a caller decides about a configuration, and may change. */
export interface ConfigurationSettings {
  readonly schemaVersion: string | null
  /** Text by name. */
  readonly labels: JsonObject | null
  readonly contentType: string | null
  /** Empty: targets nothing. */
  readonly targetCondition: string
  /** The higher one wins. */
  readonly priority: number
  /** Custom metrics: queries by name. */
  readonly metricQueries: Readonly<Record<string, string>>
}

/** A configuration as the registry keeps it (wire reference 6.1). */
export interface Configuration extends ConfigurationSettings {
  readonly id: string
  /** As it was sent. Never changes. */
  readonly content: JsonObject
  /** Milliseconds since 1970. */
  readonly createdAt: number
  readonly updatedAt: number
  /** Counts the writes; the etag is made of it. */
  readonly version: number
}

/** Base64 of the decimal write counter. */
export function configurationEtag({ version }: Configuration): string {
  return Buffer.from(String(version)).toString('base64')
}
