/** What the hub itself understands of a message (wire reference 1.13). Times are text, as the device wrote them. */
export interface TelemetrySystemProperties {
  readonly messageId?: string
  readonly correlationId?: string
  readonly userId?: string
  readonly to?: string
  readonly contentType?: string
  readonly contentEncoding?: string
  readonly expiryTimeUtc?: string
  readonly creationTimeUtc?: string
  /** The output of a module that the message came out of. */
  readonly outputName?: string
  /** The device, behind an edge device, that the message comes from. */
  readonly connectionDeviceId?: string
  readonly connectionModuleId?: string
  readonly interfaceId?: string
  /** The Plug and Play component that the message is about. */
  readonly componentName?: string
  readonly messageSchema?: string
}

/** A device-to-cloud message. */
export interface TelemetryMessage {
  readonly payload: Uint8Array
  readonly systemProperties: TelemetrySystemProperties
  /** The properties of the application. */
  readonly properties: Readonly<Record<string, string>>
}
