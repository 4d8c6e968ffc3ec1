import { acknowledgementCode, IotHubDmError, type JsonValue } from '@iothub-dm/protocol'

/** Thrown when a device has not applied a configuration that it was sent. */
export class ConfigurationFailedError extends IotHubDmError<'ConfigurationFailed'> {
  override readonly name = 'ConfigurationFailedError'
  readonly deviceId: string
  readonly configuration: string
  /** Why, as the device said it; 400 when the value breaks its schema, 500 when it failed to apply it. */
  readonly acknowledgementCode: number | undefined
  /** The value that is really in use, where the device tells it. */
  readonly value: JsonValue | undefined

  constructor(
    deviceId: string,
    configuration: string,
    report: { readonly ac?: number; readonly value?: JsonValue; readonly ad?: string },
  ) {
    const reason = report.ad === undefined ? '' : `: ${report.ad}`
    const kind = report.ac === acknowledgementCode.invalid ? 'refused' : 'failed to apply'
    super('ConfigurationFailed', `device '${deviceId}' ${kind} configuration '${configuration}'${reason}`)
    this.deviceId = deviceId
    this.configuration = configuration
    this.acknowledgementCode = report.ac
    this.value = report.value
  }
}

/** Thrown when a device has not acknowledged a configuration in time. The value stays desired: the device takes it when it can. */
export class ConfigurationNotAcknowledgedError extends IotHubDmError<'ConfigurationNotAcknowledged'> {
  override readonly name = 'ConfigurationNotAcknowledgedError'

  constructor(deviceId: string, configuration: string, timeoutInMs: number) {
    super(
      'ConfigurationNotAcknowledged',
      `device '${deviceId}' has not acknowledged configuration '${configuration}' after ${timeoutInMs} ms`,
      { retryable: true },
    )
  }
}
