export type { ActionClient, ActionClients, AttachOptions } from './action/action-client.ts'
export type { BeginOptions } from './action/begin-options.ts'
export type { DeviceOperation } from './action/query-operations.ts'
export type { OperationSummary } from './action/summarize-operations.ts'
export type { AzureIotHubOptions } from './adapters/azure-iothub/azure-iot-hub.ts'
export type {
  ConfigurationClient,
  ConfigurationClients,
  SetConfigurationOptions,
} from './configuration/configuration-client.ts'
export type { ConfigurationState } from './configuration/configuration-state.ts'
export type {
  FleetConfigurationClient,
  FleetConfigurationClients,
} from './configuration/fleet-configuration-client.ts'
export type { TokenCredential } from './credentials/token-credential.ts'
export { ClientClosedError } from './errors/client-closed-error.ts'
export { ConfigurationFailedError, ConfigurationNotAcknowledgedError } from './errors/configuration-errors.ts'
export { InvalidHubConfigurationError } from './errors/hub-configuration-errors.ts'
export { JobDeviceError, JobFailedError, JobTimeoutError } from './errors/job-errors.ts'
export {
  isOperationDeadlineError,
  type OperationDeadlineCode,
  OperationDeadlineError,
  operationDeadlineCodes,
} from './errors/operation-deadline-error.ts'
export {
  isOperationFailedError,
  OperationFailedError,
  OperationNotFoundError,
  OperationSupersededError,
  type UnsuccessfulState,
  WaitTimeoutError,
} from './errors/operation-errors.ts'
export { isRefusedError, RefusedError, type RefusedErrorCode } from './errors/refused-error.ts'
export {
  InvalidRequestError,
  InvalidResponseError,
  isInvalidResponseError,
  isOutcomeUnknownError,
  OutcomeUnknownError,
} from './errors/request-errors.ts'
export {
  RolloutCommandRefusedError,
  RolloutConflictError,
  RolloutDamagedError,
  RolloutNotFoundError,
} from './errors/rollout-errors.ts'
export type { DeviceClient, ModuleClient } from './fleet/device-client.ts'
export type { FleetActionClient, FleetActionClients, ScheduleActionOptions } from './fleet/fleet-action-client.ts'
export { FleetClient, type FleetClientOptions, fleetClientDefaults } from './fleet/fleet-client.ts'
export { HubError, type HubErrorCode, type HubErrorDetails, hubErrorCodes, isHubError } from './hub/hub-error.ts'
export type {
  DeviceTwin,
  HubCallOptions,
  HubWriteOptions,
  JobDeviceCounts,
  MethodResponse,
  TwinWrite,
} from './hub/iot-hub.ts'
export type { CampaignFirmware } from './hub-configuration/firmware-campaign.ts'
export type { HubConfiguration } from './hub-configuration/hub-configuration.ts'
export type { HubConfigurationClient } from './hub-configuration/hub-configuration-client.ts'
export type { HubConfigurationContent } from './hub-configuration/hub-configuration-content.ts'
export type { HubConfigurationOptions } from './hub-configuration/hub-configuration-options.ts'
export type { DeviceJobOutcome } from './job/device-job-outcome.ts'
export type { Job, JobStatus } from './job/job.ts'
export { JobHandle, type WaitForJobOptions } from './job/job-handle.ts'
export type { JobFilter, JobList } from './job/job-list.ts'
export type { ScheduleMethodOptions } from './job/schedule-method.ts'
export type { ScheduleOptions } from './job/schedule-options.ts'
export type { CallOptions } from './method/call-method.ts'
export type { FleetMethodClient, FleetMethodClients } from './method/fleet-method-client.ts'
export type {
  InvokeOptions,
  MethodClient,
  MethodClients,
  MethodRetryOptions,
  RequestArguments,
} from './method/method-client.ts'
export type { RetryOptions } from './method/retry.ts'
export type { ActionRecord, LatestOperation } from './operation/action-record.ts'
export type { RecordSource } from './operation/known-operation.ts'
export type { LatestOperations } from './operation/latest-operations.ts'
export type { OperationDeadlines } from './operation/operation-deadlines.ts'
export {
  OperationHandle,
  type OperationHandleEvents,
  type RecordsOptions,
  type ResultOptions,
} from './operation/operation-handle.ts'
export type { HubOperation, HubTier } from './pacing/hub-tier.ts'
export type { Bottleneck, RolloutForecast, WaveForecast } from './planning/forecast.ts'
export type { ForecastInput, RolloutPreview } from './planning/preview-rollout.ts'
export type { Condition } from './query/condition.ts'
export type { Field } from './query/field.ts'
export type { QueryValue } from './query/literal.ts'
export type { Paged, PageOptions } from './query/paged.ts'
export type { ActionFields, TwinFields } from './query/twin-fields.ts'
export { where } from './query/where.ts'
export type { CreateDeviceOptions, DeviceRegistry } from './registry/device-registry.ts'
export type { AuditEntry, AuditEvent } from './rollout/control/audit-entry.ts'
export type { RolloutCommand } from './rollout/decision/apply-command.ts'
export type { DeviceOutcome } from './rollout/decision/device-outcome.ts'
export type { RolloutDecision } from './rollout/decision/rollout-decision.ts'
export type { Hold, RolloutEnding, RolloutState } from './rollout/decision/rollout-state.ts'
export type { OutcomeCounts } from './rollout/decision/tally.ts'
export type { BadOutcome, Gate, GateVerdict } from './rollout/gate/gate.ts'
export type { DeviceExplanation, DeviceReason } from './rollout/handle/device-explanation.ts'
export type { RolloutSummary } from './rollout/handle/list-rollouts.ts'
export { RolloutHandle, type RolloutHandleEvents } from './rollout/handle/rollout-handle.ts'
export type { AttachRolloutOptions, RolloutRunOptions } from './rollout/handle/rollout-run-options.ts'
export type { RolloutSnapshot } from './rollout/handle/rollout-snapshot.ts'
export type { Leg } from './rollout/plan/operation-id.ts'
export type { Pace } from './rollout/plan/pace.ts'
export type { CanaryWave, DangerousEffect, RolloutOptions, WaveOptions } from './rollout/plan/rollout-options.ts'
export type { Attestation, RolloutPlan } from './rollout/plan/rollout-plan.ts'
export type { Wave, WaveSize } from './rollout/plan/wave.ts'
export type { ProgressFeed, TwinChange } from './tracking/progress-feed.ts'
export type { TwinClient } from './twin/twin-client.ts'
export type { UpdateTwinOptions } from './twin/update-twin.ts'
