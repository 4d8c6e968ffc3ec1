export type { RefusalReason } from './hub-core/auth/access-decision.ts'
export type { PolicyName } from './hub-core/auth/policy.ts'
export type { CancelTimeout, Clock } from './hub-core/clock/clock.ts'
export { ManualClock } from './hub-core/clock/manual-clock.ts'
export type { AcknowledgementMode, MessageOutcome } from './hub-core/cloud-to-device/cloud-to-device-message.ts'
export type { MessageRequest } from './hub-core/cloud-to-device/message-request.ts'
export type { HubErrorCode } from './hub-core/error/error-code.ts'
export { HubError } from './hub-core/error/hub-error.ts'
export type { HubEventListener } from './hub-core/event/event-stream.ts'
export type { HubEvent, HubEventOf, HubEvents, HubEventType } from './hub-core/event/hub-event.ts'
export type { CutOptions } from './hub-core/faults/byte-faults.ts'
export type { Fault, FaultName, FaultOccasions, FaultStrike } from './hub-core/faults/fault.ts'
export type { HubFaults } from './hub-core/faults/hub-faults.ts'
export type {
  AnswerFaultOptions,
  FaultStatus,
  HoldingFault,
  OperationFaultOptions,
} from './hub-core/faults/operation-faults.ts'
export type { FaultDirection, PacketFaultOptions } from './hub-core/faults/packet-faults.ts'
export type { IdentityStatus } from './hub-core/identity/device-identity.ts'
export type { SymmetricKeyPair } from './hub-core/identity/symmetric-key.ts'
export type { PlainJson as JsonValue, PlainJsonObject as JsonObject } from './hub-core/json/plain-json.ts'
export type { CloseManner, CloseReason } from './hub-core/session/device-connection.ts'
export type { Subscription } from './hub-core/session/subscription.ts'
export type { TelemetryMessage, TelemetrySystemProperties } from './hub-core/telemetry/telemetry-message.ts'
export type { HubTier, TierName } from './hub-core/throttle/hub-tier.ts'
export type { BilledKind, HubMeter, MeterReading, OperationCount } from './hub-core/throttle/meter.ts'
export type { OperationKind } from './hub-core/throttle/operation.ts'
export type {
  CertificateThumbprints,
  ConnectionStringOptions,
  CreateDeviceOptions,
  CreateModuleOptions,
  LocalHub,
} from './local-hub.ts'
export { type LocalHubOptions, startLocalHub } from './start-local-hub.ts'
export type { Endpoint } from './transports/endpoint.ts'
