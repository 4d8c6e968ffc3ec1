import type { RefusalReason } from '../auth/access-decision.ts'
import type { MessageOutcome } from '../cloud-to-device/cloud-to-device-message.ts'
import type { HubErrorCode } from '../error/error-code.ts'
import type { FaultStrike } from '../faults/fault.ts'
import type { DeviceJobEnd, JobEnd } from '../jobs/job-status.ts'
import type { PlainJson, PlainJsonObject } from '../json/plain-json.ts'
import type { CloseReason } from '../session/device-connection.ts'
import type { Subscription } from '../session/subscription.ts'
import type { TelemetryMessage } from '../telemetry/telemetry-message.ts'
import type { OperationKind } from '../throttle/operation.ts'

/** What each type of {@link HubEvent} tells. */
export interface HubEvents {
  readonly deviceCreated: DeviceDetails
  readonly deviceUpdated: DeviceDetails
  readonly deviceDeleted: DeviceDetails
  readonly moduleCreated: ModuleDetails
  readonly moduleUpdated: ModuleDetails
  readonly moduleDeleted: ModuleDetails
  readonly deviceConnected: DeviceDetails
  readonly deviceDisconnected: DeviceDetails & { readonly reason: CloseReason }
  readonly deviceSubscribed: DeviceDetails & { readonly subscription: Subscription }
  readonly deviceUnsubscribed: DeviceDetails & { readonly subscription: Subscription }
  readonly tagsChanged: DeviceDetails & { readonly tags: PlainJsonObject }
  readonly desiredChanged: PropertiesDetails
  readonly reportedChanged: PropertiesDetails
  readonly methodInvoked: MethodDetails & { readonly payload: PlainJson }
  readonly methodAnswered: MethodDetails & { readonly status: number; readonly payload: PlainJson }
  readonly methodFailed: MethodDetails & { readonly code: HubErrorCode }
  readonly cloudToDeviceEnqueued: MessageDetails
  readonly cloudToDeviceSettled: MessageDetails & { readonly outcome: MessageOutcome }
  readonly configurationCreated: ConfigurationDetails
  readonly configurationUpdated: ConfigurationDetails
  readonly configurationDeleted: ConfigurationDetails
  /** A configuration begins to target a twin without being applied there, because stronger ones have all of its paths. */
  readonly configurationTargeted: ConfigurationDetails & DeviceDetails
  readonly configurationApplied: ConfigurationDetails & DeviceDetails
  /** A configuration does no longer target a twin. */
  readonly configurationWithdrawn: ConfigurationDetails & DeviceDetails
  readonly jobCreated: JobDetails
  readonly jobStarted: JobDetails
  readonly jobFinished: JobDetails & { readonly status: JobEnd }
  /** A job is done with one device. */
  readonly deviceJobFinished: JobDetails & DeviceDetails & { readonly status: DeviceJobEnd }
  readonly telemetryReceived: DeviceDetails & TelemetryMessage
  /** `client` is what the caller claims to be: a device id, `deviceId/moduleId`, or the service. */
  readonly accessRefused: { readonly client: string; readonly reason: RefusalReason }
  /** A twin request of the device itself that got its answer. */
  readonly twinRequestAnswered: DeviceDetails & { readonly operation: OperationKind; readonly status: number }
  /** A REST request that got its answer; `path` without the query string. */
  readonly requestAnswered: RequestDetails
  /** A fault that was asked for by `hub.faults`. */
  readonly faultStruck: FaultStrike
}

interface DeviceDetails {
  readonly deviceId: string
  /** Where it happened to a module. */
  readonly moduleId?: string
}

interface ModuleDetails extends DeviceDetails {
  readonly moduleId: string
}

interface ConfigurationDetails {
  readonly configurationId: string
}

interface JobDetails {
  readonly jobId: string
}

interface RequestDetails {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly durationInMs: number
}

interface PropertiesDetails extends DeviceDetails {
  readonly patch: PlainJsonObject
  /** The `$version` of the properties after the change. */
  readonly version: number
}

interface MethodDetails extends DeviceDetails {
  readonly requestId: string
  readonly methodName: string
}

interface MessageDetails extends DeviceDetails {
  readonly messageId: string
}

/** The names of what can happen in the hub. */
export type HubEventType = keyof HubEvents

/** The event of one type. */
export type HubEventOf<TType extends HubEventType> = { readonly type: TType } & HubEvents[TType]

/** Something that happened in the hub, told when it is done. */
export type HubEvent = { [TType in HubEventType]: HubEventOf<TType> }[HubEventType]
