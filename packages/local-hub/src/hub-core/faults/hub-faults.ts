import type { CutOptions } from './byte-faults.ts'
import type { Fault, FaultOccasions } from './fault.ts'
import type { AnswerFaultOptions, FaultStatus, HoldingFault, OperationFaultOptions } from './operation-faults.ts'
import type { PacketFaultOptions } from './packet-faults.ts'

/**
 * Things that go wrong on purpose. Each waits for its occasion, strikes as often as asked (once, unless told otherwise), and says when it did: by
 * `struck`, by `strikes`, and by the event `faultStruck`.
 */
export interface HubFaults {
  /**
   * Refuses an operation instead of carrying it out: by HTTP status, in the answer to a twin request over MQTT, or in CONNACK.
   *
   * @example
   * const fault = hub.faults.answer(429, { operation: 'directMethod', times: 3 })
   * await fault.struck
   */
  answer(status: FaultStatus, options?: AnswerFaultOptions): Fault

  /** Carries an operation out, and keeps the answer back until it is released. */
  holdAnswer(options?: OperationFaultOptions): HoldingFault

  /** Loses an MQTT packet. */
  dropPacket(options?: PacketFaultOptions): Fault

  /** Makes an MQTT packet late, and with it those behind it on the same connection. */
  delayPacket(durationInMs: number, options?: PacketFaultOptions): Fault

  /** Cuts a TCP connection, below TLS, at a byte. Strikes connections that are opened from now on, MQTT and HTTPS. */
  cut(options: CutOptions): Fault

  /** Sends a notification of desired properties twice. */
  duplicateDesired(options?: FaultOccasions): Fault

  /** Keeps a notification of desired properties back until the next one has overtaken it. */
  reorderDesired(options?: FaultOccasions): Fault

  /** Takes back every fault that is armed, and lets go of what is kept back. */
  clear(): void
}
