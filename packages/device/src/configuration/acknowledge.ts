import { acknowledgementCode, type ConfigurationAcknowledgement, type JsonValue } from '@iothub-dm/protocol'
import type { ConfigurationState } from './configuration-state.ts'
import type { ConfigurationVerdict, DesiredConfiguration } from './configuration-verdict.ts'

/** An acknowledgement with both values, for those who report them apart. */
export interface ConfigurationReport extends ConfigurationAcknowledgement {
  /** What is in use; undefined where there is nothing. */
  readonly inUse?: JsonValue | undefined
  /** What is desired; undefined where nothing is. */
  readonly desired?: JsonValue | undefined
}

/**
 * The acknowledgement of a desired value. Pure.
 *
 * @param state what is in use
 * @param defaults the device's own value, in use where no desired one is
 * @returns undefined when there is nothing to acknowledge: nothing is desired, and the device has no value of its own
 */
export function acknowledge(
  { value: desired, version }: DesiredConfiguration,
  verdict: ConfigurationVerdict,
  { applied }: ConfigurationState,
  defaults: JsonValue | undefined,
): ConfigurationReport | undefined {
  const inUse = applied?.value ?? defaults
  const { applied: use, accepted, deviceDefault, invalid, failed } = acknowledgementCode
  switch (verdict.kind) {
    case 'inUse':
      if (desired !== undefined) return { value: desired, ac: use, av: version, inUse: desired, desired }
      return defaults === undefined
        ? undefined
        : { value: defaults, ac: deviceDefault, av: 0, ad: 'device default', inUse: defaults, desired }
    case 'run':
      return { ...withValue(desired ?? inUse), ac: accepted, av: version, inUse, desired }
    case 'invalid':
      return { ...withValue(inUse), ac: invalid, av: version, ad: verdict.detail, inUse, desired }
    case 'failed':
      return { ...withValue(inUse), ac: failed, av: version, ad: verdict.detail ?? 'failed', inUse, desired }
  }
}

/** A value that is undefined is left out of an acknowledgement. */
function withValue(value: JsonValue | undefined): Pick<ConfigurationAcknowledgement, 'value'> {
  return value === undefined ? {} : { value }
}
