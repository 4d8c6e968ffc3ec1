export {
  type ActionDefinition,
  type ActionOptions,
  type ActionPattern,
  type ActionRequestInput,
  type ActionRequestOutput,
  type ActionResultInput,
  type ActionResultOutput,
  action,
  type DesiredStart,
  type DocumentedSections,
  type DocumentedState,
  type Effect,
  type ErrorCodeOf,
  type ObjectRequest,
  type PhaseOf,
  type PublishedReport,
  type SecretOf,
} from './contract/action.ts'
export {
  type AcknowledgementStyle,
  type ConfigurationDefinition,
  type ConfigurationInput,
  type ConfigurationOptions,
  type ConfigurationOutput,
  configuration,
} from './contract/configuration.ts'
export type {
  ActionName,
  Actions,
  ConfigurationName,
  Configurations,
  Contract,
  MethodName,
  Methods,
} from './contract/contract.ts'
export { ContractError } from './contract/contract-error.ts'
export { type ContractOptions, defineContract } from './contract/define-contract.ts'
export {
  type MethodDefinition,
  type MethodOptions,
  type MethodRequestInput,
  type MethodRequestOutput,
  type MethodResponseInput,
  type MethodResponseOutput,
  method,
} from './contract/method.ts'
export {
  type DividedRequest,
  divideRequest,
  holdsSecret,
  joinRequest,
  redacted,
  redactText,
  validateActionRequest,
} from './contract/request-secrets.ts'
export { type ErrorCode, errorCodes } from './errors/error-codes.ts'
export { IotHubDmError, type IotHubDmErrorOptions, isIotHubDmError } from './errors/iothub-dm-error.ts'
export { findReportIssue } from './json/find-report-issue.ts'
export { toJson } from './json/json-text.ts'
export { isJsonObject, type JsonObject, type JsonValue } from './json/json-value.ts'
export { applyMergePatch, createMergePatch, sameJson } from './json/merge-patch.ts'
export { findTwinIssue } from './json/twin-rules.ts'
export { decodeOperationRecord } from './operation/decode-operation.ts'
export { decodeReportedOperation, type ReportedOperation } from './operation/decode-reported.ts'
export { encodeDocumentedSections } from './operation/documented-sections.ts'
export { limits } from './operation/limits.ts'
export type { OperationEvent } from './operation/operation-event.ts'
export {
  type OperationError,
  type OperationErrorCode,
  type OperationRecord,
  operationErrorCode,
} from './operation/operation-record.ts'
export {
  isOperationState,
  isTerminalState,
  legalTransitions,
  type OperationState,
  operationState,
  type TerminalState,
} from './operation/operation-state.ts'
export { IllegalTransitionError, reduceOperation } from './operation/reduce-operation.ts'
export {
  encodeOperationSection,
  encodeReportedPatch,
  operationSection,
  reportedRoot,
} from './operation/reported-section.ts'
export {
  type AcknowledgementCode,
  acknowledgementCode,
  type ConfigurationAcknowledgement,
  decodeAcknowledgement,
  encodeAcknowledgement,
} from './patterns/configuration/acknowledgement.ts'
export type { PublishedConfiguration } from './patterns/configuration/configuration-published.ts'
export { type ConfigurationStatus, encodeConfigurationStatus } from './patterns/configuration/configuration-status.ts'
export {
  decodeReportedConfiguration,
  type ReportedConfiguration,
} from './patterns/configuration/decode-reported-configuration.ts'
export {
  type Arming,
  type ArmingAnswer,
  type ArmingRequest,
  armFactoryReset,
  decodeArmingAnswer,
  decodeArmingRequest,
  encodeArming,
  encodeArmingRequest,
} from './patterns/factory-reset/arming.ts'
export { factoryReset } from './patterns/factory-reset/factory-reset.ts'
export {
  type FactoryResetLevel,
  type FactoryResetRequest,
  type FactoryResetResult,
  factoryResetLevel,
} from './patterns/factory-reset/factory-reset-request.ts'
export { type FirmwareErrorCode, firmwareErrorCodes } from './patterns/firmware-update/firmware-error-code.ts'
export {
  type FirmwareKey,
  type FirmwareKeySet,
  parseFirmwareKeySet,
} from './patterns/firmware-update/firmware-key-set.ts'
export { type FirmwareManifest, parseFirmwareManifest } from './patterns/firmware-update/firmware-manifest.ts'
export { type FirmwareStatus, firmwareStatuses } from './patterns/firmware-update/firmware-section.ts'
export { firmwareUpdate } from './patterns/firmware-update/firmware-update.ts'
export type {
  FirmwareUpdateRequest,
  FirmwareUpdateRequestInput,
} from './patterns/firmware-update/firmware-update-request.ts'
export type { FirmwareUpdateResult } from './patterns/firmware-update/firmware-update-result.ts'
export { firmwareUrlIssue } from './patterns/firmware-update/firmware-url.ts'
export { compareFirmwareVersions, isFirmwareVersion } from './patterns/firmware-update/firmware-version.ts'
export { readUnverified, type SignedDocument } from './patterns/firmware-update/signed-document.ts'
export {
  type DeviceInformation,
  decodeInventory,
  encodeInventory,
  type Inventory,
  inventoryComponent,
} from './patterns/inventory/inventory.ts'
export {
  type Blackout,
  type MaintenanceOverride,
  type MaintenancePolicy,
  maintenancePolicy,
  type Weekday,
  type WeeklyWindow,
  weekdays,
} from './patterns/maintenance-window/maintenance-policy.ts'
export {
  decodeMaintenanceStatus,
  encodeMaintenanceStatus,
  isHeldBy,
  type MaintenanceStatus,
  maintenanceStatus,
  nextOpening,
} from './patterns/maintenance-window/maintenance-status.ts'
export {
  type MaintenanceWindowDefinition,
  maintenanceWindow,
} from './patterns/maintenance-window/maintenance-window.ts'
export { reboot } from './patterns/reboot/reboot.ts'
export type { RebootRequest } from './patterns/reboot/reboot-request.ts'
export { describeIssues, type Issue, maxIssues } from './schema/issues.ts'
export type { InputOf, OutputOf, Schema } from './schema/standard-schema.ts'
export { type Validation, validate, validateWire } from './schema/validate.ts'
export { type ActionAnswer, decodeActionAnswer, encodeActionAnswer } from './wire/action-answer.ts'
export {
  type ActionRequest,
  decodeActionRequest,
  encodeActionRequest,
  type InvalidActionRequest,
  isOperationId,
} from './wire/action-request.ts'
export {
  type CancelOperationRequest,
  type CancelOperationResponse,
  cancelOperation,
  cancelOperationName,
} from './wire/cancel-operation.ts'
export {
  decodeDesiredOperation,
  desiredOperationValue,
  encodeDesiredOperation,
  encodeDesiredOperationClear,
} from './wire/desired-operation.ts'
export {
  decodeRefusal,
  encodeRefusal,
  type OperationReference,
  type Refusal,
  type RefusalCode,
  refusalStatus,
  type WireAnswer,
} from './wire/refusal.ts'
export { responseStatus } from './wire/response-status.ts'
