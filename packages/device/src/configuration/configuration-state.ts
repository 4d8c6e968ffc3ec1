import { isJsonObject, type JsonValue } from '@iothub-dm/protocol'

/** What is remembered of a configuration across restarts. */
export interface ConfigurationState {
  /** What is in use; undefined: nothing that was desired is. */
  readonly applied?: AppliedConfiguration | undefined
  /** The last run of the handler; undefined before the first one. */
  readonly run?: ConfigurationRun | undefined
  /** The value of that run, when it is kept only if the hub confirms it; undefined once that is decided. */
  readonly trial?: ConfigurationTrial | undefined
}

/** A value that is in use until it is confirmed, or put back. */
export interface ConfigurationTrial {
  /** undefined: the section was deleted. */
  readonly value?: JsonValue | undefined
  /** `$version` of the desired properties. */
  readonly version: number
  /** When it is put back unless it is confirmed. ISO 8601, UTC. */
  readonly deadline: string
  /** How often putting it back was begun. */
  readonly putBacks: number
}

/** A desired value that is in use. */
export interface AppliedConfiguration {
  readonly value: JsonValue
  /** `$version` of the desired properties at which it was applied. */
  readonly version: number
}

/** A run of the handler of a configuration. */
export interface ConfigurationRun {
  /** `$version` of the desired properties that it was for. */
  readonly version: number
  /** Digest of the desired value that it was for. */
  readonly digest: string
  /** How often the handler was begun for it: more than once only when the device was cut off in the middle. */
  readonly attempt: number
  /** `begun`: it has not ended, or was cut off; `onTrial`: it has ended, and whether its value is kept is not decided. */
  readonly outcome: 'begun' | 'onTrial' | 'applied' | 'failed'
  /** Why it failed. */
  readonly detail?: string | undefined
}

/** What the journal holds about a configuration: its newest entry is all that counts. */
export interface ConfigurationEntry {
  readonly type: 'configuration'
  /** Name of the section. */
  readonly configuration: string
  readonly state: ConfigurationState
}

/** Tells an entry of a configuration from those of operations. */
export function isConfigurationEntry(value: unknown): value is ConfigurationEntry {
  return (
    isJsonObject(value) &&
    value.type === 'configuration' &&
    typeof value.configuration === 'string' &&
    isJsonObject(value.state)
  )
}

/** The newest entry of each configuration. */
export function compactConfigurationEntries(entries: readonly ConfigurationEntry[]): readonly ConfigurationEntry[] {
  return [...new Map(entries.map(entry => [entry.configuration, entry])).values()]
}
