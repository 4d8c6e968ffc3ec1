import type { Clock } from '../clock/clock.ts'
import type { EventStream } from '../event/event-stream.ts'
import { ByteFaults, type CutOptions } from './byte-faults.ts'
import { DesiredFaults } from './desired-faults.ts'
import type { Fault, FaultOccasions } from './fault.ts'
import type { StrikeReporter } from './fault-list.ts'
import type { HubFaults } from './hub-faults.ts'
import {
  type AnswerFaultOptions,
  type FaultStatus,
  type HoldingFault,
  type OperationFaultOptions,
  OperationFaults,
} from './operation-faults.ts'
import { type PacketFaultOptions, PacketFaults } from './packet-faults.ts'

/** The {@link HubFaults}, and where commands and transports ask whether one strikes. */
export class Faults implements HubFaults {
  readonly operations: OperationFaults
  readonly packets: PacketFaults
  readonly desired: DesiredFaults
  readonly bytes: ByteFaults

  constructor(clock: Clock, events: EventStream) {
    const report: StrikeReporter = details => {
      const strike = { ...details, timeInMs: clock.now() }
      events.emit({ type: 'faultStruck', ...strike })
      return strike
    }
    this.operations = new OperationFaults(report)
    this.packets = new PacketFaults(clock, report)
    this.desired = new DesiredFaults(report)
    this.bytes = new ByteFaults(report)
  }

  answer(status: FaultStatus, options: AnswerFaultOptions = {}): Fault {
    return this.operations.answer(status, options)
  }

  holdAnswer(options: OperationFaultOptions = {}): HoldingFault {
    return this.operations.holdAnswer(options)
  }

  dropPacket(options: PacketFaultOptions = {}): Fault {
    return this.packets.drop(options)
  }

  delayPacket(durationInMs: number, options: PacketFaultOptions = {}): Fault {
    return this.packets.delay(durationInMs, options)
  }

  cut(options: CutOptions): Fault {
    return this.bytes.cut(options)
  }

  duplicateDesired(options: FaultOccasions = {}): Fault {
    return this.desired.duplicate(options)
  }

  reorderDesired(options: FaultOccasions = {}): Fault {
    return this.desired.reorder(options)
  }

  clear(): void {
    this.operations.clear()
    this.packets.clear()
    this.desired.clear()
    this.bytes.clear()
  }
}
