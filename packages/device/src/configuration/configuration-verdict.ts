import { type ConfigurationDefinition, describeIssues, type JsonValue, validate } from '@iothub-dm/protocol'
import { digestRequest } from '../operation/request-digest.ts'
import type { ConfigurationState } from './configuration-state.ts'

/** What a back end wants of a configuration. */
export interface DesiredConfiguration {
  /** undefined: it wants nothing of it, or nothing any more. */
  readonly value: JsonValue | undefined
  /** `$version` of the desired properties. */
  readonly version: number
}

/** What is to be done about a desired value. */
export type ConfigurationVerdict =
  /** Nothing: it is in use. */
  | { readonly kind: 'inUse' }
  /** Nothing: it cannot be applied. */
  | { readonly kind: 'invalid'; readonly detail: string }
  /** Nothing: this version was tried, and has failed. */
  | { readonly kind: 'failed'; readonly detail: string | undefined }
  /** The handler has to run. */
  | { readonly kind: 'run'; readonly value: unknown; readonly digest: string; readonly attempt: number }

/**
 * Decides whether a desired value has to be applied: never again what is in use, and never again a version that has failed. A run that
 * was cut off is done again, up to a number of attempts. Pure.
 *
 * @param maxAttempts runs of the handler for one version that may be cut off
 */
export function judge(
  name: string,
  { schema }: ConfigurationDefinition,
  desired: DesiredConfiguration,
  { run }: ConfigurationState,
  maxAttempts: number,
): ConfigurationVerdict {
  const { value, version } = desired
  const digest = digestDesired(value)
  if (run === undefined ? value === undefined : run.outcome === 'applied' && run.digest === digest) {
    return { kind: 'inUse' }
  }
  const sameRun = run?.digest === digest && run.version === version ? run : undefined
  if (sameRun?.outcome === 'failed') return { kind: 'failed', detail: sameRun.detail }
  const attempt = sameRun === undefined ? 1 : sameRun.attempt + 1
  if (attempt > maxAttempts) return { kind: 'failed', detail: `cut off ${maxAttempts} times` }
  if (value === undefined) return { kind: 'run', value, digest, attempt }
  const validation = validate(schema, value, `configuration '${name}'`)
  if (validation.valid) return { kind: 'run', value: validation.value, digest, attempt }
  // A value that is invalid was never begun: what is in use is the one before.
  return { kind: 'invalid', detail: describeIssues(validation.issues) }
}

/** Tells whether two desired values are the same; a deletion has a digest too. */
export function digestDesired(value: JsonValue | undefined): string {
  // null stands for nothing: no desired property can be null.
  return digestRequest(value ?? null)
}
