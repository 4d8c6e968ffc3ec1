/** How an error is written into a REST body (wire reference 2.6, shapes 1 to 3). */
export type ErrorForm = 'text' | 'numeric' | 'nested'

/** The symbolic name of a hub error. */
export type HubErrorCode =
  | 'ArgumentInvalid'
  | 'GenericBadRequest'
  | 'IotHubFormatError'
  | 'DeviceAuthenticationTypeIsMissing'
  | 'StringIsNotThumbprint'
  | 'InvalidDeviceScope'
  | 'DeviceDefinedMultipleTimes'
  | 'BulkRegistryOperationFailure'
  | 'BlobContainerValidationError'
  | 'InvalidDigitalTwinPatch'
  | 'InvalidDigitalTwinPatchPath'
  | 'DefaultStorageEndpointNotConfigured'
  | 'InvalidConfigurationTargetCondition'
  | 'InvalidConfigurationContent'
  | 'InvalidConfigurationCustomMetricsQuery'
  | 'IotHubUnauthorizedAccess'
  | 'IotHubQuotaExceeded'
  | 'DeviceMaximumQueueDepthExceeded'
  | 'InvalidMessageExpiryTime'
  | 'DeviceNotFound'
  | 'ModuleNotFound'
  | 'JobNotFound'
  | 'ConfigurationNotFound'
  | 'DeviceNotOnline'
  | 'DeviceConnectionClosedRemotely'
  | 'RouteNotFound'
  | 'OperationNotAllowedInCurrentState'
  | 'DeviceAlreadyExists'
  | 'JobAlreadyExists'
  | 'ModuleAlreadyExistsOnDevice'
  | 'ConfigurationAlreadyExists'
  | 'PreconditionFailed'
  | 'DeviceMessageLockLost'
  | 'MessageTooLarge'
  | 'TooManyDevices'
  | 'TooManyModulesOnDevice'
  | 'ConfigurationCountLimitExceeded'
  | 'ThrottlingException'
  | 'ThrottlingMaxActiveJobCountExceeded'
  | 'ServerError'
  | 'InvalidResponseWhileProxying'
  | 'ServiceUnavailable'
  | 'GatewayTimeout'

/** What belongs to a symbolic name. */
export interface HubErrorDefinition {
  /** The HTTP status. */
  readonly status: number
  /** The numeric code. */
  readonly number: number
  /** The usual form of the REST body. */
  readonly form: ErrorForm
}

/**
 * The hub's errors by symbolic name, which is also the value of the `iothub-errorcode` header (wire reference 2.6).
 */
export const hubErrorCodes: Readonly<Record<HubErrorCode, HubErrorDefinition>> = {
  ArgumentInvalid: { status: 400, number: 400004, form: 'text' },
  GenericBadRequest: { status: 400, number: 400000, form: 'text' },
  IotHubFormatError: { status: 400, number: 400006, form: 'text' },
  DeviceAuthenticationTypeIsMissing: { status: 400, number: 400004, form: 'text' },
  DeviceDefinedMultipleTimes: { status: 400, number: 400004, form: 'text' },
  BulkRegistryOperationFailure: { status: 400, number: 400013, form: 'text' },
  InvalidDigitalTwinPatch: { status: 400, number: 400004, form: 'numeric' },
  InvalidDigitalTwinPatchPath: { status: 400, number: 400004, form: 'numeric' },
  BlobContainerValidationError: { status: 400, number: 400004, form: 'text' },
  DefaultStorageEndpointNotConfigured: { status: 400, number: 400004, form: 'text' },
  InvalidConfigurationTargetCondition: { status: 400, number: 400401, form: 'text' },
  InvalidConfigurationContent: { status: 400, number: 400402, form: 'text' },
  InvalidConfigurationCustomMetricsQuery: { status: 400, number: 400404, form: 'text' },
  StringIsNotThumbprint: { status: 400, number: 400004, form: 'text' },
  InvalidDeviceScope: { status: 400, number: 400004, form: 'text' },
  IotHubUnauthorizedAccess: { status: 401, number: 401002, form: 'text' },
  IotHubQuotaExceeded: { status: 403, number: 403002, form: 'text' },
  DeviceMaximumQueueDepthExceeded: { status: 403, number: 403004, form: 'text' },
  InvalidMessageExpiryTime: { status: 403, number: 403008, form: 'text' },
  DeviceNotFound: { status: 404, number: 404001, form: 'text' },
  ModuleNotFound: { status: 404, number: 404010, form: 'numeric' },
  JobNotFound: { status: 404, number: 404002, form: 'text' },
  ConfigurationNotFound: { status: 404, number: 404301, form: 'text' },
  DeviceNotOnline: { status: 404, number: 404103, form: 'nested' },
  DeviceConnectionClosedRemotely: { status: 404, number: 404104, form: 'nested' },
  RouteNotFound: { status: 404, number: 404000, form: 'text' },
  OperationNotAllowedInCurrentState: { status: 405, number: 405102, form: 'text' },
  DeviceAlreadyExists: { status: 409, number: 409001, form: 'text' },
  JobAlreadyExists: { status: 409, number: 409104, form: 'text' },
  ModuleAlreadyExistsOnDevice: { status: 409, number: 409301, form: 'numeric' },
  ConfigurationAlreadyExists: { status: 409, number: 409401, form: 'text' },
  PreconditionFailed: { status: 412, number: 412001, form: 'text' },
  DeviceMessageLockLost: { status: 412, number: 412002, form: 'text' },
  MessageTooLarge: { status: 413, number: 413001, form: 'text' },
  TooManyDevices: { status: 413, number: 413002, form: 'text' },
  TooManyModulesOnDevice: { status: 413, number: 413003, form: 'numeric' },
  ConfigurationCountLimitExceeded: { status: 413, number: 413101, form: 'text' },
  ThrottlingException: { status: 429, number: 429001, form: 'text' },
  ThrottlingMaxActiveJobCountExceeded: { status: 429, number: 429004, form: 'text' },
  ServerError: { status: 500, number: 500001, form: 'text' },
  InvalidResponseWhileProxying: { status: 502, number: 502001, form: 'nested' },
  ServiceUnavailable: { status: 503, number: 503001, form: 'text' },
  GatewayTimeout: { status: 504, number: 504101, form: 'nested' },
}
