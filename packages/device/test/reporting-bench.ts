import { ManualClock } from '@iothub-dm/local-hub'
import {
  action,
  type JsonObject,
  type OperationEvent,
  type OperationRecord,
  operationSection,
  reboot,
  reduceOperation,
} from '@iothub-dm/protocol'
import { nothingUnderWay, type OperationLog } from '../src/operation/operation-log.ts'
import { operationsPart } from '../src/reporting/operations-part.ts'
import { ReportedWriter } from '../src/reporting/reported-writer.ts'
import { type HubCallOutcome, SimulatedHub } from './simulated-hub.ts'

const phases = ['warming', 'measuring']
const actions = { work: action({ phases }), reboot }

/** A writer with operations that a test changes, on a hub that it answers for. */
export class Bench {
  readonly hub = new SimulatedHub()
  readonly clock = new ManualClock(0)
  readonly errors: unknown[] = []
  readonly confirmed: string[] = []
  readonly logs = new Map<string, OperationLog>()
  readonly writer: ReportedWriter
  confirm: (operationId: string) => Promise<void> = async () => {}

  constructor() {
    this.writer = new ReportedWriter({
      connection: this.hub,
      parts: [
        operationsPart({
          actions,
          operations: () => this.logs,
          onReported: async operationId => {
            await this.confirm(operationId)
            this.confirmed.push(operationId)
            for (const [name, log] of this.logs) {
              if (log.operationId === operationId) this.logs.set(name, { ...log, reported: true })
            }
          },
        }),
      ],
      onError: error => this.errors.push(error),
      clock: this.clock,
      progressIntervalInMs: 10_000,
    })
  }

  /** Lets all that is ready happen. */
  async settled(): Promise<void> {
    await new Promise(resolve => setImmediate(resolve))
  }

  /** Ends the call under way, and lets what follows begin. */
  async answer(outcome: HubCallOutcome = 'ok'): Promise<void> {
    this.hub.settle(outcome)
    await this.settled()
  }

  /** A session whose first read is answered. */
  async connect(): Promise<void> {
    this.writer.sessionBegan()
    await this.answer()
  }

  /** Something happens to the newest operation of an action; a new one begins with `accepted`. */
  happen(name: keyof typeof actions, event: OperationEvent, tell = true): void {
    const before = event.type === 'accepted' ? undefined : this.logs.get(name)?.record
    const record = reduceOperation(before, event, phases)
    this.logs.set(name, logOf(name, record))
    if (tell) this.writer.changed(before?.state !== record.state || before.status !== record.status)
  }

  /** What the hub has of the action's operation. */
  section(name: keyof typeof actions): JsonObject {
    return operationSection(this.hub.reported, name)
  }
}

function logOf(name: string, record: OperationRecord): OperationLog {
  return {
    operationId: record.operationId,
    action: name,
    request: {},
    requestDigest: '',
    expiresAt: undefined,
    record,
    reported: false,
    ...nothingUnderWay,
  }
}

/** Events in the life of operation `op`. */
export const time = '2026-01-01T00:00:00.000Z'
export const later = '2026-01-01T00:01:00.000Z'
export const accepted = { type: 'accepted', operationId: 'op', time } as const
export const started = { type: 'started', attempt: 1, time } as const
export const succeeded = { type: 'succeeded', time: later } as const

export function progress(percent: number): OperationEvent {
  return { type: 'progress', percent, detail: `at ${percent}`, time: later }
}
