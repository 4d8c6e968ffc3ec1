export { type ErrorCode, errorCodes } from './errors/error-codes.ts'
export { IotHubDmError, type IotHubDmErrorOptions, isIotHubDmError } from './errors/iothub-dm-error.ts'
export { isJsonObject, type JsonObject, type JsonValue } from './json/json-value.ts'
