import { DurableState } from '../durable/durable-state.ts'
import type { AnnounceChange, DurableTable } from '../durable/durable-table.ts'
import { deviceKey, type IdentityKey, identityName } from '../identity/identity-key.ts'
import type { JsonValue } from '../json/json.ts'
import type { DeviceJob } from './device-job.ts'
import { deviceJobCodec } from './device-job-codec.ts'

/** What jobs do on devices, job by job. */
export class DeviceJobTable implements DurableTable {
  readonly #byJob = new Map<string, Map<IdentityKey, DeviceJob>>()
  readonly #announce: AnnounceChange

  constructor(durable: DurableState = new DurableState()) {
    this.#announce = durable.register('deviceJobs', this)
  }

  /** A job on all of its devices, in the order in which it gets to them. */
  of(jobId: string): Iterable<DeviceJob> {
    return this.#byJob.get(jobId)?.values() ?? []
  }

  /** A job on one device, or on its modules. */
  ofDevice(jobId: string, deviceId: string): readonly DeviceJob[] {
    const own = this.#byJob.get(jobId)?.get(deviceKey(deviceId))
    if (own !== undefined) return [own]
    // A job is about devices or about modules, never both.
    const [first] = this.of(jobId)
    if (first === undefined || identityName(first.key).moduleId === undefined) return []
    return [...this.of(jobId)].filter(({ key }) => identityName(key).deviceId === deviceId)
  }

  set(deviceJob: DeviceJob): void {
    this.#keep(deviceJob)
    this.#announce(storageKey(deviceJob), deviceJobCodec.encode(deviceJob))
  }

  deleteAllOf(jobId: string): void {
    for (const deviceJob of this.of(jobId)) this.#announce(storageKey(deviceJob), undefined)
    this.#byJob.delete(jobId)
  }

  *encoded(): Generator<readonly [key: string, value: JsonValue]> {
    for (const deviceJobs of this.#byJob.values()) {
      for (const deviceJob of deviceJobs.values()) yield [storageKey(deviceJob), deviceJobCodec.encode(deviceJob)]
    }
  }

  restore(_key: string, value: JsonValue): void {
    this.#keep(deviceJobCodec.decode(value))
  }

  #keep(deviceJob: DeviceJob): void {
    const deviceJobs = this.#byJob.get(deviceJob.jobId) ?? new Map<IdentityKey, DeviceJob>()
    this.#byJob.set(deviceJob.jobId, deviceJobs.set(deviceJob.key, deviceJob))
  }
}

/** A job id has no slash. */
function storageKey({ jobId, key }: DeviceJob): string {
  return `${jobId}/${key}`
}
