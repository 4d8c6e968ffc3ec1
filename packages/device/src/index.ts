export type { AzureConnectionOptions, TokenRenewal } from './adapters/azure-connection-options.ts'
export type {
  DeviceAuthenticationProvider,
  DeviceCredentials,
} from './adapters/credentials/authentication-provider.ts'
export type { ClientCertificate } from './adapters/credentials/client-certificate.ts'
export type { GetSharedAccessSignature, TokenRequest } from './adapters/credentials/shared-access-signature-provider.ts'
export type { TransportName } from './adapters/hub-endpoint.ts'
export type { ProxyAgent } from './adapters/proxy-agent.ts'
export type { AzureDeviceClient } from './adapters/shared-client/take-over-client.ts'
export {
  type ConfigurationChange,
  DeviceAgent,
  type DeviceAgentEvents,
  type OperationChange,
} from './agent/device-agent.ts'
export { type DeviceAgentOptions, deviceAgentDefaults } from './agent/device-agent-options.ts'
export type { UnknownMethodCall, UnknownMethodHandler } from './agent/unknown-method.ts'
export type { CancelTimeout, Clock } from './connection/clock.ts'
export {
  ClockSkewError,
  HubConnectionError,
  type HubConnectionErrorCode,
  IdentityConflictError,
  type TwinRefusal,
  TwinRefusedError,
} from './connection/errors.ts'
export type { MethodAnswer } from './connection/hub-connection.ts'
export type { ReconnectOptions, ReconnectProfile } from './connection/reconnect-delay.ts'
export type { ConsentContext, ConsentDecision, ConsentHook, ConsentRequest } from './consent/consent.ts'
export {
  type FactoryResetHooks,
  type FactoryResetScope,
  factoryResetWith,
} from './factory-reset/factory-reset-with.ts'
export { fileSurvivalStore, type SurvivalStore } from './factory-reset/survival-store.ts'
export type { ImageDownloaderOptions } from './firmware/download/download-options.ts'
export { imageDownloader } from './firmware/download/image-downloader.ts'
export type { DownloadImage, DownloadImageOptions } from './firmware/download-image.ts'
export { FirmwareError } from './firmware/firmware-error.ts'
export {
  type FirmwareDevice,
  type FirmwareTrust,
  type FirmwareUpdateOptions,
  unsignedInSoManyWords,
} from './firmware/firmware-options.ts'
export type { AppliedFirmware, FirmwareTarget, VerifiedImage } from './firmware/firmware-target.ts'
export { firmwareUpdateWith } from './firmware/firmware-update-with.ts'
export type { SlotFileSystem } from './firmware/slots/slot-file-system.ts'
export { type SlotsOptions, slots } from './firmware/slots/slots.ts'
export type { UnpackImage } from './firmware/slots/stage-program.ts'
export type {
  ActionHandler,
  ActionHandlers,
  ActionWithOptions,
  ConfigurationContext,
  ConfigurationHandler,
  ConfigurationHandlers,
  ConfigurationWithOptions,
  ConfirmationProof,
  Handlers,
  MethodContext,
  MethodHandler,
  MethodHandlers,
  WhenBusy,
} from './implementation/handlers.ts'
export {
  type BoundAction,
  type BoundConfiguration,
  type BoundMethod,
  type Implementation,
  implement,
} from './implementation/implement.ts'
export type { InventorySource } from './inventory/inventory-source.ts'
export {
  CorruptJournalError,
  PersistenceError,
  StateDirectoryLockedError,
  UnsupportedJournalVersionError,
} from './journal/errors.ts'
export type { FileSystem, WritableFile } from './journal/file-system.ts'
export {
  type AdmissionContext,
  type AdmissionGate,
  AdmissionRefusedError,
  type AdmissionRequest,
} from './operation/admission-gate.ts'
export type {
  DeferOptions,
  FailOptions,
  Operation,
  RestartOptions,
  StepContext,
  StepOptions,
} from './operation/operation.ts'
export {
  AgentClosedError,
  OperationCancelledError,
  OperationFailedError,
  type OperationFailedOptions,
  OperationInterruptedError,
  OperationTimedOutError,
  RestartNotObservedError,
  StepInterruptedError,
  StepTimedOutError,
} from './operation/operation-errors.ts'
export type { OperationOptions } from './operation/operation-options.ts'
export type { Penalty } from './operation/penalty.ts'
