import { HubError, type HubErrorOptions } from '../error/hub-error.ts'
import type { Operation, OperationKind } from '../throttle/operation.ts'
import type { Occasion } from './armed-fault.ts'
import type { Fault, FaultOccasions } from './fault.ts'
import { FaultList, type StrikeReporter } from './fault-list.ts'
import { Gate } from './gate.ts'

/** The refusals that a hub answers with when it is not well. */
export type FaultStatus = 429 | 500 | 503 | 504

/** Which operations a fault takes. Default: any, over REST and MQTT. */
export interface OperationFaultOptions extends FaultOccasions {
  readonly operation?: OperationKind | undefined
}

/** How an answer is faked. */
export interface AnswerFaultOptions extends OperationFaultOptions {
  /** Sent as `Retry-After` over REST. Default: none, like the real hub. */
  readonly retryAfterInSeconds?: number | undefined
}

/** A fault that keeps answers back until it is told to let go. */
export interface HoldingFault extends Fault {
  /** Lets the answers go that it keeps back, and keeps no more. */
  release(): void
}

interface OperationOccasion extends Occasion {
  readonly kind: OperationKind
}

/** Operations that are refused instead of carried out, and answers that are kept back. */
export class OperationFaults {
  readonly #answers: FaultList<OperationOccasion, HubError>
  readonly #holds: FaultList<OperationOccasion, Promise<void>>
  readonly #gates = new Set<Gate>()

  constructor(report: StrikeReporter) {
    this.#answers = new FaultList('answer', report)
    this.#holds = new FaultList('holdAnswer', report)
  }

  answer(status: FaultStatus, { retryAfterInSeconds, operation, ...occasions }: AnswerFaultOptions): Fault {
    return this.#answers.arm(refusal(status, { retryAfterInSeconds }), { ...occasions, matches: isOf(operation) })
  }

  holdAnswer({ operation, ...occasions }: OperationFaultOptions): HoldingFault {
    const gate = new Gate()
    const release = (): void => {
      this.#gates.delete(gate)
      gate.open()
    }
    this.#gates.add(gate)
    const fault = this.#holds.arm(gate.opened, { ...occasions, matches: isOf(operation), release })
    return Object.assign(fault, { release: () => fault.cancel() })
  }

  /** @throws HubError when the operation is to be refused. */
  beforeOperation({ kind, deviceId }: Operation): void {
    const error = this.#answers.strike({ kind, key: deviceId }, kind)
    if (error !== undefined) throw error
  }

  /** Resolves when the answer may leave. */
  async beforeAnswer({ kind, deviceId }: Operation): Promise<void> {
    await this.#holds.strike({ kind, key: deviceId }, kind)
  }

  clear(): void {
    this.#answers.clear()
    this.#holds.clear()
    for (const gate of this.#gates) gate.open()
    this.#gates.clear()
  }
}

function isOf(operation: OperationKind | undefined): (occasion: OperationOccasion) => boolean {
  return ({ kind }) => operation === undefined || kind === operation
}

function refusal(status: FaultStatus, options: HubErrorOptions): HubError {
  switch (status) {
    case 429:
      return new HubError(
        'ThrottlingException',
        'The request has been throttled. Wait 10 seconds and try again.',
        options,
      )
    case 500:
      return new HubError('ServerError', 'The hub encountered an internal error.', options)
    case 503:
      return new HubError('ServiceUnavailable', 'The hub is not available. Try again later.', options)
    case 504:
      return new HubError('GatewayTimeout', 'The hub did not finish in time.', { ...options, form: 'text' })
    default:
      throw new RangeError(`status: expected 429, 500, 503 or 504, got ${String(status)}`)
  }
}
