import { applyMergePatch, type JsonObject } from '@iothub-dm/protocol'
import type { Clock } from '../src/clock/clock.ts'
import { ClientClosedError } from '../src/errors/client-closed-error.ts'
import type {
  DeviceTwin,
  HubCallOptions,
  HubJob,
  HubWriteOptions,
  IotHub,
  MethodRequest,
  MethodResponse,
  QueryPage,
  QueryPageOptions,
  TwinWrite,
} from '../src/hub/iot-hub.ts'

/** A hub that says what a test wants, and keeps a record of what it was asked. */
export class SimulatedHub implements IotHub {
  /** When each device was read, in milliseconds since the hub was made. */
  readonly reads: { readonly deviceId: string; readonly atInMs: number; readonly options: HubCallOptions }[] = []
  readonly calls: { readonly deviceId: string; readonly request: MethodRequest; readonly options: HubCallOptions }[] =
    []
  readonly queries: { readonly text: string; readonly atInMs: number; readonly options: QueryPageOptions }[] = []
  readonly patches: JsonObject[] = []
  /** What every device reports. */
  reported: JsonObject = {}
  /** What is desired of every device. */
  desired: JsonObject = {}
  /** What a read comes to. */
  onRead: (deviceId: string, options: HubCallOptions) => JsonObject | Promise<JsonObject> = () => this.reported
  /** What a call comes to. */
  onCall: (request: MethodRequest) => MethodResponse | Promise<MethodResponse> = () => ({ status: 200, payload: null })
  /** What a write comes to, before it is made. */
  onPatch: (desired: JsonObject) => void | Promise<void> = () => {}
  /** What a query comes to. */
  onQuery: (text: string, options: QueryPageOptions) => QueryPage | Promise<QueryPage> = () => ({
    rows: [],
    continuation: undefined,
  })
  /** What a look at a job comes to. */
  onGetJob: (jobId: string) => HubJob | undefined | Promise<HubJob | undefined> = () => undefined
  readonly #clock: Clock
  readonly #startedAtInMs: number
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAtInMs = clock.now()
  }

  async getTwin(deviceId: string, options: HubCallOptions = {}): Promise<DeviceTwin> {
    this.#enter(options)
    this.reads.push({ deviceId, atInMs: this.#clock.now() - this.#startedAtInMs, options })
    const reported = await this.onRead(deviceId, options)
    return this.#twin(deviceId, reported)
  }

  async invokeMethod(deviceId: string, request: MethodRequest, options: HubCallOptions = {}): Promise<MethodResponse> {
    this.#enter(options)
    this.calls.push({ deviceId, request, options })
    return this.onCall(request)
  }

  async patchTwin(deviceId: string, { desired = {} }: TwinWrite, options: HubWriteOptions = {}): Promise<DeviceTwin> {
    this.#enter(options)
    await this.onPatch(desired)
    this.patches.push(desired)
    this.desired = applyMergePatch(this.desired, desired)
    return this.#twin(deviceId, this.reported)
  }

  async replaceTwin(): Promise<never> {
    throw new Error('this hub has no writes')
  }

  async query(text: string, options: QueryPageOptions = {}): Promise<QueryPage> {
    this.#enter(options)
    this.queries.push({ text, atInMs: this.#clock.now() - this.#startedAtInMs, options })
    return this.onQuery(text, options)
  }

  async createDevice(): Promise<never> {
    throw new Error('this hub has no registry')
  }

  async setDeviceStatus(): Promise<never> {
    throw new Error('this hub has no registry')
  }

  async deleteDevice(): Promise<never> {
    throw new Error('this hub has no registry')
  }

  async createJob(): Promise<never> {
    throw new Error('this hub has no jobs')
  }

  async getJob(jobId: string, options: HubCallOptions = {}): Promise<HubJob | undefined> {
    this.#enter(options)
    return this.onGetJob(jobId)
  }

  async cancelJob(): Promise<never> {
    throw new Error('this hub has no jobs')
  }

  async queryJobs(): Promise<never> {
    throw new Error('this hub has no jobs')
  }

  async putConfiguration(): Promise<never> {
    throw new Error('this hub has no configurations')
  }

  async getConfiguration(): Promise<never> {
    throw new Error('this hub has no configurations')
  }

  async listConfigurations(): Promise<never> {
    throw new Error('this hub has no configurations')
  }

  async deleteConfiguration(): Promise<never> {
    throw new Error('this hub has no configurations')
  }

  async testConfigurationQueries(): Promise<never> {
    throw new Error('this hub has no configurations')
  }

  close(): void {
    this.#isClosed = true
  }

  /** The payloads of the calls so far. */
  get payloads(): readonly unknown[] {
    return this.calls.map(({ request }) => request.payload)
  }

  #twin(deviceId: string, reported: JsonObject): DeviceTwin {
    return { deviceId, etag: 'AAAAAAAAAAE=', connectionState: 'Connected', tags: {}, desired: this.desired, reported }
  }

  #enter({ abortSignal }: HubCallOptions): void {
    if (this.#isClosed) throw new ClientClosedError()
    abortSignal?.throwIfAborted()
  }
}
