import type { OperationKind } from './operation.ts'

/** What became of the operations of one kind. */
export interface OperationCount {
  /** How many the hub took on, the delayed ones included. */
  readonly accepted: number
  readonly delayed: number
  /** How many it refused with 429, or with 403 at the end of the daily quota. */
  readonly refused: number
}

/** What messages are billed for: operations, and what the hub sends by itself. */
export type BilledKind = OperationKind | 'desiredNotification'

/** What the hub has counted. */
export interface MeterReading {
  readonly operations: Readonly<Record<OperationKind, OperationCount>>
  /** Billed messages by what they are billed for; kinds that cost nothing are absent. */
  readonly billedMessages: Readonly<Partial<Record<BilledKind, number>>>
  readonly totalBilledMessages: number
}

/** Counts operations and billed messages, with or without a tier. */
export interface HubMeter {
  /** What was counted since the start, or since the last reset. */
  read(): MeterReading
  /** Begins to count from zero. The daily quota is not given back. */
  reset(): void
}

/** What counts as one step of an operation. */
export type OperationStep = keyof OperationCount

const nothing: OperationCount = { accepted: 0, delayed: 0, refused: 0 }

/** The {@link HubMeter} and what feeds it. */
export class Meter implements HubMeter {
  readonly #operations = new Map<OperationKind, OperationCount>()
  readonly #billed = new Map<BilledKind, number>()

  count(kind: OperationKind, step: OperationStep): void {
    const current = this.#operations.get(kind) ?? nothing
    this.#operations.set(kind, { ...current, [step]: current[step] + 1 })
  }

  bill(kind: BilledKind, messages: number): void {
    if (messages > 0) this.#billed.set(kind, (this.#billed.get(kind) ?? 0) + messages)
  }

  read(): MeterReading {
    const countOf = (kind: OperationKind): OperationCount => this.#operations.get(kind) ?? nothing
    return {
      operations: {
        identityOperation: countOf('identityOperation'),
        twinRead: countOf('twinRead'),
        twinUpdate: countOf('twinUpdate'),
        directMethod: countOf('directMethod'),
        query: countOf('query'),
        jobOperation: countOf('jobOperation'),
        jobDeviceOperation: countOf('jobDeviceOperation'),
        configurationOperation: countOf('configurationOperation'),
        deviceConnection: countOf('deviceConnection'),
        telemetry: countOf('telemetry'),
        cloudToDevice: countOf('cloudToDevice'),
      },
      billedMessages: Object.fromEntries(this.#billed),
      totalBilledMessages: [...this.#billed.values()].reduce((sum, messages) => sum + messages, 0),
    }
  }

  reset(): void {
    this.#operations.clear()
    this.#billed.clear()
  }
}
