import { acknowledgementCode, type ConfigurationAcknowledgement, type JsonValue } from '@iothub-dm/protocol'
import type { ConfigurationState } from './configuration-state.ts'
import type { ConfigurationVerdict, DesiredConfiguration } from './configuration-verdict.ts'

/** An acknowledgement with both values, for those who report them apart. */
export interface ConfigurationReport extends ConfigurationAcknowledgement {
  /** What is in use; absent where there is nothing. */
  readonly inUse?: JsonValue
  /** What is desired; absent where nothing is. */
  readonly desired?: JsonValue
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
  switch (verdict.kind) {
    case 'inUse':
      if (desired !== undefined) {
        return compose({ value: desired, inUse: desired, desired, ac: acknowledgementCode.applied, av: version })
      }
      return defaults === undefined
        ? undefined
        : compose({
            value: defaults,
            inUse: defaults,
            ac: acknowledgementCode.deviceDefault,
            av: 0,
            ad: 'device default',
          })
    case 'run':
      return compose({ value: desired ?? inUse, inUse, desired, ac: acknowledgementCode.accepted, av: version })
    case 'invalid':
      return compose({ value: inUse, inUse, desired, ac: acknowledgementCode.invalid, av: version, ad: verdict.detail })
    case 'failed':
      return compose({ value: inUse, inUse, desired, ac: acknowledgementCode.failed, av: version, ad: verdict.detail })
  }
}

/** With exactOptionalPropertyTypes, undefined is not the same as absent. */
function compose(
  members: { readonly [TKey in keyof Required<ConfigurationReport>]?: ConfigurationReport[TKey] | undefined } & {
    readonly ac: number
    readonly av: number
  },
): ConfigurationReport {
  const { ac, av, value, ad, inUse, desired } = members
  return {
    ac,
    av,
    ...(value === undefined ? {} : { value }),
    ...(ad === undefined ? {} : { ad }),
    ...(inUse === undefined ? {} : { inUse }),
    ...(desired === undefined ? {} : { desired }),
  }
}
