import {
  type AcknowledgementCode,
  acknowledgementCode,
  type ConfigurationAcknowledgement,
  type JsonValue,
} from '@iothub-dm/protocol'
import type { ConfigurationState } from './configuration-state.ts'
import type { ConfigurationVerdict, DesiredConfiguration } from './configuration-verdict.ts'

/**
 * The acknowledgement of a desired value. Pure.
 *
 * @param state what is in use
 * @param defaults the device's own value, in use where no desired one is
 * @returns undefined when there is nothing to acknowledge: nothing is desired, and the device has no value of its own
 */
export function acknowledge(
  { value, version }: DesiredConfiguration,
  verdict: ConfigurationVerdict,
  { applied }: ConfigurationState,
  defaults: JsonValue | undefined,
): ConfigurationAcknowledgement | undefined {
  const inUse = applied?.value ?? defaults
  switch (verdict.kind) {
    case 'inUse':
      if (value !== undefined) return compose(value, acknowledgementCode.applied, version)
      return defaults === undefined
        ? undefined
        : compose(defaults, acknowledgementCode.deviceDefault, 0, 'device default')
    case 'run':
      return compose(value ?? inUse, acknowledgementCode.accepted, version)
    case 'invalid':
      return compose(inUse, acknowledgementCode.invalid, version, verdict.detail)
    case 'failed':
      return compose(inUse, acknowledgementCode.failed, version, verdict.detail)
  }
}

function compose(
  value: JsonValue | undefined,
  ac: AcknowledgementCode,
  av: number,
  ad?: string,
): ConfigurationAcknowledgement {
  return { ...(value === undefined ? {} : { value }), ac, av, ...(ad === undefined ? {} : { ad }) }
}
