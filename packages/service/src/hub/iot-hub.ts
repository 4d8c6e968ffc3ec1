import type { JsonObject, JsonValue } from '@iothub-dm/protocol'
import type { TwinAddress } from './twin-address.ts'

/** Bounds of one call to the hub. */
export interface HubCallOptions {
  /** Longest wait for the hub's answer, in milliseconds. */
  readonly timeoutInMs?: number | undefined
  /** Ends the wait. What the hub has begun is not undone. */
  readonly abortSignal?: AbortSignal | undefined
}

/** A direct method call. */
export interface MethodRequest {
  readonly methodName: string
  readonly payload: JsonValue
  /** How long the hub waits for the device's answer: 5 to 300 seconds (IoT Hub direct methods guide). */
  readonly responseTimeoutInSeconds: number
  /** How long the hub waits for an absent device to connect: 0 to 300 seconds, at most the response time-out. */
  readonly connectTimeoutInSeconds: number
}

/** What the device answered. */
export interface MethodResponse {
  /** The device's own status, also when it is an error. */
  readonly status: number
  readonly payload: JsonValue
}

/** The twin of a device or a module as the hub's REST interface gives it, reduced to what this package reads. */
export interface DeviceTwin {
  readonly deviceId: string
  /** Only of a module. */
  readonly moduleId?: string
  readonly etag: string
  readonly connectionState: string
  readonly tags: JsonObject
  /** Desired properties with `$version` and `$metadata`. */
  readonly desired: JsonObject
  /** Reported properties with `$version` and `$metadata`. */
  readonly reported: JsonObject
}

/** What a back end may write of a twin. In a patch null deletes (wire reference 3.4). */
export interface TwinWrite {
  readonly tags?: JsonObject | undefined
  readonly desired?: JsonObject | undefined
}

/** Options of a write. */
export interface HubWriteOptions extends HubCallOptions {
  /** Writes only what still has this ETag; another one fails with `PreconditionFailed`. Default: writes in any case. */
  readonly etag?: string | undefined
}

/** Options of {@link QueryCalls.query}. */
export interface QueryPageOptions extends HubCallOptions {
  /** Rows of a page at most. The hub may give fewer; today it gives 100 (IoT Hub query language). */
  readonly pageSize?: number | undefined
  /** Where the page before ended. */
  readonly continuation?: string | undefined
}

/** One page of the rows of a query. */
export interface QueryPage {
  readonly rows: readonly JsonObject[]
  /** Leads to the next page; undefined on the last one. */
  readonly continuation: string | undefined
}

/** Direct methods. */
export interface MethodCalls {
  /**
   * Calls a direct method and returns the device's answer. Without `timeoutInMs` it waits for the two time-outs of the
   * request and a margin, so that the hub's own verdict comes first.
   */
  invokeMethod(address: TwinAddress, request: MethodRequest, options?: HubCallOptions): Promise<MethodResponse>
}

/** Device twins. */
export interface TwinCalls {
  /** Reads a twin; always fresh. */
  getTwin(address: TwinAddress, options?: HubCallOptions): Promise<DeviceTwin>
  /** Merges into the tags and the desired properties of a twin. */
  patchTwin(address: TwinAddress, patch: TwinWrite, options?: HubWriteOptions): Promise<DeviceTwin>
  /** Puts new tags and desired properties in the place of the old ones; a section that is left out is emptied (wire reference 3.5). */
  replaceTwin(address: TwinAddress, sections: TwinWrite, options?: HubWriteOptions): Promise<DeviceTwin>
}

/** Queries over twins and jobs. */
export interface QueryCalls {
  /** Reads one page. What a query gives may lag behind the twins, by seconds as a rule. */
  query(text: string, options?: QueryPageOptions): Promise<QueryPage>
}

/** The identity registry, as far as this package needs it. */
export interface RegistryCalls {
  /** Makes a device; fails with `AlreadyExists` where there is one. */
  createDevice(deviceId: string, options?: HubCallOptions & { readonly status?: 'enabled' | 'disabled' }): Promise<void>
  /** Lets a device connect, or not. */
  setDeviceStatus(deviceId: string, status: 'enabled' | 'disabled', options?: HubCallOptions): Promise<void>
  deleteDevice(deviceId: string, options?: HubCallOptions): Promise<void>
}

/** A job as the hub is told to run it (wire reference 7.1). */
export interface HubJobRequest {
  readonly jobId: string
  /** The `WHERE` part of a twin query; `*` for all devices. */
  readonly queryCondition: string
  /** Default: now. */
  readonly startTime: Date | undefined
  readonly maxExecutionTimeInSeconds: number
  readonly work:
    | { readonly type: 'scheduleDeviceMethod'; readonly method: MethodRequest }
    | { readonly type: 'scheduleUpdateTwin'; readonly patch: TwinWrite }
}

/** A job as the hub tells of it (wire reference 7.3). */
export interface HubJob {
  readonly jobId: string
  readonly type: string
  readonly status: string
  readonly startTime: string | undefined
  readonly endTime: string | undefined
  readonly failureReason: string | undefined
  readonly deviceCounts: JobDeviceCounts | undefined
}

/** How far the devices of a job are. */
export interface JobDeviceCounts {
  readonly devices: number
  readonly succeeded: number
  readonly failed: number
  readonly running: number
  readonly pending: number
}

/** Options of {@link JobCalls.queryJobs}. */
export interface JobPageOptions extends QueryPageOptions {
  readonly type?: string | undefined
  readonly status?: string | undefined
}

/** Scheduled jobs. */
export interface JobCalls {
  /** Fails with `AlreadyExists` where there is one of that id. */
  createJob(job: HubJobRequest, options?: HubCallOptions): Promise<HubJob>
  /** Undefined where there is none of that id. */
  getJob(jobId: string, options?: HubCallOptions): Promise<HubJob | undefined>
  cancelJob(jobId: string, options?: HubCallOptions): Promise<HubJob>
  queryJobs(
    options?: JobPageOptions,
  ): Promise<{ readonly jobs: readonly HubJob[]; readonly continuation: string | undefined }>
}

/** A hub configuration as it is written (wire reference 6.1). */
export interface HubConfigurationDocument {
  readonly id: string
  /** The `WHERE` part of a twin query; `*` for all devices, empty for none. */
  readonly targetCondition: string
  readonly priority: number
  /** By path: `properties.desired` and what is below it. */
  readonly deviceContent: JsonObject
  readonly metricQueries: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

/** A hub configuration as the hub tells of it. */
export interface HubConfigurationReading extends HubConfigurationDocument {
  readonly etag: string
  /** ISO 8601, UTC. */
  readonly createdTime: string | undefined
  /** ISO 8601, UTC. */
  readonly lastUpdatedTime: string | undefined
  readonly metricResults: Readonly<Record<string, number>>
  readonly systemMetricQueries: Readonly<Record<string, string>>
  readonly systemMetricResults: Readonly<Record<string, number>>
}

/** What the hub finds wrong with the queries of a configuration. */
export interface ConfigurationQueryErrors {
  readonly targetCondition: string | undefined
  readonly metrics: Readonly<Record<string, string>>
}

/** Hub configurations (automatic device management). */
export interface ConfigurationCalls {
  /** Makes one, and fails with `AlreadyExists` where there is one; with an ETag it changes that one. */
  putConfiguration(document: HubConfigurationDocument, options?: HubWriteOptions): Promise<HubConfigurationReading>
  /** Undefined where there is none of that id. */
  getConfiguration(id: string, options?: HubCallOptions): Promise<HubConfigurationReading | undefined>
  /** All of them: a hub has at most 100. */
  listConfigurations(options?: HubCallOptions): Promise<readonly HubConfigurationReading[]>
  deleteConfiguration(id: string, options?: HubWriteOptions): Promise<void>
  testConfigurationQueries(
    queries: Pick<HubConfigurationDocument, 'targetCondition' | 'metricQueries'>,
    options?: HubCallOptions,
  ): Promise<ConfigurationQueryErrors>
}

/**
 * The port through which this package reaches the hub. One attempt per call, no hidden retries. A call fails with a
 * `HubError`, with a `RangeError` when its arguments are outside the hub's limits, or with the reason of its
 * `abortSignal`.
 */
export interface IotHub extends MethodCalls, TwinCalls, QueryCalls, RegistryCalls, JobCalls, ConfigurationCalls {
  /** Closes idle connections, and the others when their calls have ended. Later calls fail with `ClientClosed`. */
  close(): void
}
