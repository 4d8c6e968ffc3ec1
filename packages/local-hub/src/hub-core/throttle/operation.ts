/** The kinds of operation that the hub counts and limits, each on its own (IoT Hub quotas and throttling). */
export const operationKinds = [
  'identityOperation',
  'twinRead',
  'twinUpdate',
  'directMethod',
  'query',
  'jobOperation',
  'jobDeviceOperation',
  'configurationOperation',
  'deviceConnection',
  'telemetry',
  'cloudToDevice',
] as const

/** A kind of operation that the hub counts and limits. */
export type OperationKind = (typeof operationKinds)[number]

/** An operation that a client asks for. */
export interface Operation {
  readonly kind: OperationKind
  /** The device that it is about, or that asks; absent where it is about no single one. */
  readonly deviceId?: string | undefined
  /** What the hub meters of the request, in bytes. */
  readonly requestSizeInBytes: number
}

/** How an operation ended. */
export interface OperationOutcome {
  /** As in HTTP; twin requests over MQTT have the same ones. */
  readonly status: number
  readonly responseSizeInBytes: number
}
