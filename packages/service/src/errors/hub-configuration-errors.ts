import { IotHubDmError } from '@iothub-dm/protocol'
import type { ConfigurationQueryErrors } from '../hub/iot-hub.ts'

/** Thrown before a hub configuration is written: the hub does not take its target condition, or one of its metrics. */
export class InvalidHubConfigurationError extends IotHubDmError<'InvalidHubConfiguration'> {
  override readonly name = 'InvalidHubConfigurationError'
  /** What the hub says of the target condition; undefined when it takes it. */
  readonly targetConditionError: string | undefined
  /** What the hub says of each metric that it does not take, by name. */
  readonly metricErrors: Readonly<Record<string, string>>

  constructor(id: string, { targetCondition, metrics }: ConfigurationQueryErrors) {
    const errors = Object.entries(metrics).map(([name, error]) => `metric '${name}': ${error}`)
    if (targetCondition !== undefined) errors.unshift(`target condition: ${targetCondition}`)
    super('InvalidHubConfiguration', `configuration '${id}' was not written: ${errors.join('; ')}`)
    this.targetConditionError = targetCondition
    this.metricErrors = metrics
  }
}
