import { isJsonObject, isTerminalState, type JsonObject, reportedRoot } from '@iothub-dm/protocol'
import type { Clock } from '../clock/clock.ts'
import { delay } from '../clock/delay.ts'
import { HubError } from '../hub/hub-error.ts'
import type {
  DeviceTwin,
  HubWriteOptions,
  IotHub,
  MethodRequest,
  MethodResponse,
  QueryPage,
  QueryPageOptions,
  TwinWrite,
} from '../hub/iot-hub.ts'
import { type HubOperation, type HubTier, hubLimits } from '../pacing/hub-tier.ts'
import { TokenBucket } from '../pacing/token-bucket.ts'
import { controlSection } from '../rollout/control/control-codec.ts'
import { drawFate, type FleetModel } from './fleet-model.ts'
import { seededRandom } from './seeded-random.ts'
import { type Report, SimulatedDevice, sectionOf } from './simulated-device.ts'

interface ControlTwinState {
  version: number
  desired: JsonObject
  tags: JsonObject
}

/** Rows of a page, as a hub gives them. */
const pageSize = 100
const defaultLatencyInMs = 40
const defaultQueryLagInMs = 3_000

/**
 * A hub with a fleet of simulated devices, in memory and on a clock of your own: as much of an IoT hub as a rollout needs, with the
 * limits of its tier. It understands the queries of rollouts, and no others.
 */
export class SimulatedFleetHub {
  readonly devices: ReadonlyMap<string, SimulatedDevice>
  /** Calls by kind. */
  readonly calls: Record<HubOperation, number> = {
    directMethod: 0,
    twinRead: 0,
    twinUpdate: 0,
    query: 0,
    job: 0,
    configuration: 0,
    registry: 0,
  }
  /** Calls that were refused for their rate. */
  throttled = 0
  /** Devices that were begun while a gate held the rollout, or by a controller without the lease. */
  readonly violations: string[] = []
  readonly #clock: Clock
  readonly #model: FleetModel
  readonly #action: string
  readonly #buckets = new Map<HubOperation, TokenBucket>()
  readonly #controls = new Map<string, ControlTwinState>()
  readonly #pages = new Map<string, readonly JsonObject[]>()
  #continuations = 0

  constructor(
    clock: Clock,
    options: { readonly action: string; readonly model: FleetModel; readonly tier: HubTier; readonly seed: number },
  ) {
    const { action, model, tier, seed } = options
    this.#clock = clock
    this.#model = model
    this.#action = action
    const random = seededRandom(seed)
    const [shortest, longest] = model.operationInMs
    const devices = new Map<string, SimulatedDevice>()
    for (let index = 0; index < model.devices; index += 1) {
      const deviceId = `device-${index}`
      const durationInMs = shortest + random() * (longest - shortest)
      devices.set(deviceId, new SimulatedDevice(deviceId, drawFate(model, random), durationInMs, clock))
    }
    this.devices = devices
    const { callsPerSecond } = hubLimits(tier)
    for (const operation of ['directMethod', 'twinRead', 'twinUpdate', 'query', 'registry'] as const) {
      const ratePerSecond = callsPerSecond[operation]
      // What counts by the second may come in any part of it, what counts by the minute in any part of that.
      const burst = Math.max(1, ratePerSecond * (ratePerSecond < 10 ? 60 : 1))
      this.#buckets.set(operation, new TokenBucket({ ratePerSecond, burst }))
    }
  }

  /** The hub as one process sees it. */
  connect(processName: string, onCall: ProcessFault = neverFails): IotHub {
    const call = async <TResult>(operation: HubOperation, isWrite: boolean, work: () => TResult): Promise<TResult> => {
      await onCall(isWrite ? 'before' : 'read')
      await delay(this.#clock, this.#latencyInMs / 2)
      this.#meter(operation)
      const result = work()
      await delay(this.#clock, this.#latencyInMs / 2)
      await onCall(isWrite ? 'after' : 'read')
      return result
    }
    return {
      invokeMethod: (deviceId, request) =>
        call('directMethod', true, () => this.#invoke(processName, deviceId, request)),
      getTwin: deviceId => call('twinRead', false, () => this.#twin(deviceId)),
      patchTwin: missing,
      replaceTwin: (deviceId, sections, options) =>
        call('twinUpdate', true, () => this.#replace(deviceId, sections, options)),
      query: (text, options) => call('query', false, () => this.#query(text, options)),
      createDevice: deviceId => call('registry', true, () => this.#create(deviceId)),
      setDeviceStatus: missing,
      deleteDevice: missing,
      createJob: missing,
      getJob: missing,
      cancelJob: missing,
      queryJobs: missing,
      putConfiguration: missing,
      getConfiguration: missing,
      listConfigurations: missing,
      deleteConfiguration: missing,
      testConfigurationQueries: missing,
      close: () => {},
    }
  }

  get #latencyInMs(): number {
    return this.#model.latencyInMs ?? defaultLatencyInMs
  }

  #meter(operation: HubOperation): void {
    this.calls[operation] += 1
    const bucket = this.#buckets.get(operation)
    const nowInMs = this.#clock.now()
    if (bucket !== undefined && bucket.available(nowInMs) < 1) {
      this.throttled += 1
      throw new HubError('Throttled', `too many calls: ${operation}`, { retryable: true, retryAfterInMs: 5_000 })
    }
    bucket?.take(nowInMs)
  }

  #invoke(processName: string, deviceId: string, { methodName, payload }: MethodRequest): MethodResponse {
    const device = this.devices.get(deviceId)
    if (device === undefined) throw new HubError('DeviceNotFound', `there is no '${deviceId}'`)
    if (device.fate === 'isOffline') throw new HubError('DeviceOffline', 'the device is not connected')
    if (methodName === this.#action) this.#inspect(processName, deviceId)
    const isRepeated = device.executed.length > 0
    const response = device.call(methodName, payload)
    if (device.fate === 'losesAnswer' && !isRepeated) {
      throw new HubError('DeviceTimeout', 'no answer', { outcomeUnknown: true })
    }
    return response
  }

  /** Holds a start against what the control twin says at this moment. */
  #inspect(processName: string, deviceId: string): void {
    for (const { desired } of this.#controls.values()) {
      const section = isJsonObject(desired[controlSection]) ? desired[controlSection] : {}
      const owner = isJsonObject(section.lease) ? section.lease.owner : undefined
      if (typeof owner === 'string' && !owner.startsWith(`${processName} `)) {
        this.violations.push(`${deviceId} was begun by ${processName}, the lease is held by ${owner}`)
      }
      const hold = isJsonObject(section.state) ? section.state.hold : undefined
      if (isJsonObject(hold) && hold.cause === 'gate') {
        this.violations.push(`${deviceId} was begun after a gate had closed`)
      }
    }
  }

  #create(deviceId: string): void {
    if (this.#controls.has(deviceId)) throw new HubError('AlreadyExists', `there is a '${deviceId}'`)
    this.#controls.set(deviceId, { version: 1, desired: {}, tags: {} })
  }

  #twin(deviceId: string): DeviceTwin {
    const base = { deviceId, connectionState: 'Connected' }
    const control = this.#controls.get(deviceId)
    if (control !== undefined) {
      const { version, desired, tags } = control
      return { ...base, etag: String(version), tags, desired, reported: { $version: 1 } }
    }
    const device = this.devices.get(deviceId)
    if (device === undefined) throw new HubError('DeviceNotFound', `there is no '${deviceId}'`)
    const report = device.reportAt(this.#clock.now())
    const reported: JsonObject =
      report === undefined
        ? { $version: 1 }
        : {
            [reportedRoot]: { [this.#action]: sectionOf(report) },
            $version: report.version,
            $metadata: { $lastUpdated: timeText(report.atInMs) },
          }
    return { ...base, etag: 'device', tags: {}, desired: {}, reported }
  }

  #replace(deviceId: string, { tags = {}, desired = {} }: TwinWrite, { etag }: HubWriteOptions = {}): DeviceTwin {
    const control = this.#controls.get(deviceId)
    if (control === undefined) throw new HubError('DeviceNotFound', `there is no '${deviceId}'`)
    if (etag !== undefined && etag !== String(control.version)) {
      throw new HubError('PreconditionFailed', 'the twin has changed')
    }
    control.version += 1
    control.desired = desired
    control.tags = tags
    return this.#twin(deviceId)
  }

  #query(text: string, { continuation }: QueryPageOptions = {}): QueryPage {
    const rows = continuation === undefined ? this.#rows(text) : (this.#pages.get(continuation) ?? [])
    if (continuation !== undefined) this.#pages.delete(continuation)
    if (rows.length <= pageSize) return { rows, continuation: undefined }
    this.#continuations += 1
    const next = String(this.#continuations)
    this.#pages.set(next, rows.slice(pageSize))
    return { rows: rows.slice(0, pageSize), continuation: next }
  }

  #rows(text: string): readonly JsonObject[] {
    const since = / >= '([^']+)'/.exec(text)?.[1]
    const one = / deviceId = '([^']+)'/.exec(text)?.[1]
    const sinceInMs = since === undefined ? undefined : Date.parse(since)
    const visibleInMs = this.#clock.now() - (this.#model.queryLagInMs ?? defaultQueryLagInMs)
    const rows: JsonObject[] = []
    for (const device of this.devices.values()) {
      if (one !== undefined && device.deviceId !== one) continue
      const report = device.reportAt(visibleInMs)
      if (sinceInMs === undefined || isFinishedSince(report, sinceInMs)) rows.push(rowOf(device.deviceId, report))
    }
    return rows
  }
}

/** What happens to a process around its calls: it may end there, and then no call of it ever comes back. */
export type ProcessFault = (moment: 'before' | 'after' | 'read') => Promise<void>

async function neverFails(): Promise<void> {}

async function missing(): Promise<never> {
  throw new Error('a simulated hub has no such calls')
}

function isFinishedSince(report: Report | undefined, sinceInMs: number): boolean {
  return report !== undefined && isTerminalState(report.record.state) && report.atInMs >= sinceInMs
}

function rowOf(deviceId: string, report: Report | undefined): JsonObject {
  if (report === undefined) return { deviceId, version: 1 }
  return { deviceId, version: report.version, updatedTime: timeText(report.atInMs), record: sectionOf(report) }
}

function timeText(timeInMs: number): string {
  return new Date(timeInMs).toISOString()
}
