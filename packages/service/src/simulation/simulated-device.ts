import {
  encodeActionAnswer,
  encodeOperationSection,
  encodeRefusal,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type OperationRecord,
} from '@iothub-dm/protocol'
import type { Clock } from '../clock/clock.ts'
import type { MethodResponse } from '../hub/iot-hub.ts'
import type { DeviceFate } from './fleet-model.ts'

/** What a device has reported. */
export interface Report {
  readonly version: number
  readonly atInMs: number
  readonly record: OperationRecord
}

/** Reports that queries may still show. */
const keptReports = 4

/** A device that carries one action out, and remembers the operations that it has begun, as real ones do. */
export class SimulatedDevice {
  readonly deviceId: string
  fate: DeviceFate
  /** How often it was told to begin. */
  calls = 0
  /** The operations that it has really carried out. */
  readonly executed: string[] = []
  readonly #clock: Clock
  readonly #durationInMs: number
  readonly #operations = new Map<string, OperationRecord>()
  #reports: readonly Report[] = []

  constructor(deviceId: string, fate: DeviceFate, durationInMs: number, clock: Clock) {
    this.deviceId = deviceId
    this.fate = fate
    this.#durationInMs = durationInMs
    this.#clock = clock
  }

  /** The newest report up to a moment. */
  reportAt(timeInMs: number): Report | undefined {
    return this.#reports.findLast(({ atInMs }) => atInMs <= timeInMs)
  }

  /** Answers the direct method of the action, or `cancelOperation`. */
  call(methodName: string, payload: JsonValue): MethodResponse {
    const operationId = isJsonObject(payload) && typeof payload.operationId === 'string' ? payload.operationId : ''
    const known = this.#operations.get(operationId)
    if (methodName === 'cancelOperation') {
      if (known !== undefined) this.#report({ ...known, state: 'cancelled', status: 'cancelled' })
      return { status: 200, payload: { operationId, state: 'cancelled' } }
    }
    this.calls += 1
    if (this.fate === 'refuses') {
      return encodeRefusal({ code: 'InvalidPayload', message: 'this model cannot do it' })
    }
    const record = known ?? this.#begin(operationId)
    return encodeActionAnswer(record)
  }

  #begin(operationId: string): OperationRecord {
    const time = this.#time()
    const times = { acceptedTime: time, updatedTime: time }
    const record: OperationRecord = { operationId, state: 'running', status: 'running', attempt: 1, ...times }
    this.executed.push(operationId)
    this.#report(record)
    if (this.fate !== 'goesSilent') this.#clock.setTimeout(() => this.#finish(operationId), this.#durationInMs)
    return record
  }

  #finish(operationId: string): void {
    const record = this.#operations.get(operationId)
    if (record?.state !== 'running') return
    const isFailure = this.fate === 'fails' && !operationId.includes('.back.')
    const state = isFailure ? 'failed' : 'succeeded'
    const error = isFailure ? { error: { code: 'HandlerFailed', message: 'it does not start', retryable: false } } : {}
    this.#report({ ...record, state, status: state, updatedTime: this.#time(), finishedTime: this.#time(), ...error })
  }

  #report(record: OperationRecord): void {
    this.#operations.set(record.operationId, record)
    const version = (this.#reports.at(-1)?.version ?? 1) + 1
    this.#reports = [...this.#reports, { version, atInMs: this.#clock.now(), record }].slice(-keptReports)
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString()
  }
}

/** The section of the reported properties that a report wrote. */
export function sectionOf({ record }: Report): JsonObject {
  return encodeOperationSection(record, undefined)
}
