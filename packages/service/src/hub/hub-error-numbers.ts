/**
 * The hub's symbolic error names (header `iothub-errorcode`, and the older error bodies) with the numbers that the newer
 * error bodies carry for the same thing. From the page "IoT Hub error codes" and the .NET service client.
 */
export const hubErrorNumbers: ReadonlyMap<string, number> = new Map([
  ['ArgumentInvalid', 400004],
  ['ArgumentNull', 400005],
  ['IotHubUnauthorizedAccess', 401002],
  ['IotHubUnauthorized', 401003],
  ['IotHubQuotaExceeded', 403002],
  ['DeviceMaximumQueueDepthExceeded', 403004],
  ['DeviceNotFound', 404001],
  ['JobNotFound', 404002],
  ['ModuleNotFound', 404010],
  ['DeviceNotOnline', 404103],
  ['DeviceConnectionClosedRemotely', 404104],
  ['ConfigurationNotFound', 404301],
  ['DeviceAlreadyExists', 409001],
  ['OperationNotAllowedInCurrentState', 405102],
  ['JobAlreadyExists', 409104],
  ['ConfigurationAlreadyExists', 409401],
  ['PreconditionFailed', 412001],
  ['MessageTooLarge', 413001],
  ['TooManyDevices', 413002],
  ['ThrottlingException', 429001],
  ['ThrottlingBacklogLimitExceeded', 429002],
  ['ThrottlingBacklogTimeout', 429003],
  ['ThrottlingMaxActiveJobCountExceeded', 429004],
  ['ServerError', 500001],
  ['ServiceUnavailable', 503001],
  ['GatewayTimeout', 504101],
])
