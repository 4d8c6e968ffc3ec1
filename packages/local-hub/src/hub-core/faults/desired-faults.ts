import type { IdentityKey } from '../identity/identity-key.ts'
import type { Occasion } from './armed-fault.ts'
import type { Fault, FaultOccasions } from './fault.ts'
import { FaultList, type StrikeReporter } from './fault-list.ts'

/** Sends one notification of desired properties. */
export type SendDesired = () => void

type DesiredEffect = (key: IdentityKey, send: SendDesired) => void

/** Notifications of desired properties that come twice, or in the wrong order. */
export class DesiredFaults {
  readonly #duplicates: FaultList<Occasion, DesiredEffect>
  readonly #reorders: FaultList<Occasion, DesiredEffect>
  /** By identity: what waits to be overtaken. */
  readonly #overtaken = new Map<IdentityKey, SendDesired[]>()

  constructor(report: StrikeReporter) {
    this.#duplicates = new FaultList('duplicateDesired', report)
    this.#reorders = new FaultList('reorderDesired', report)
  }

  duplicate(options: FaultOccasions): Fault {
    return this.#duplicates.arm(sendTwice, options)
  }

  reorder(options: FaultOccasions): Fault {
    return this.#reorders.arm((key, send) => this.#overtaken.set(key, [...(this.#overtaken.get(key) ?? []), send]), {
      ...options,
      release: () => this.#sendOvertaken(),
    })
  }

  /** Sends a notification the way the faults want it. */
  pass(key: IdentityKey, send: SendDesired): void {
    const overtaken = this.#overtaken.get(key) ?? []
    this.#overtaken.delete(key)
    const effect = this.#reorders.strike({ key }, 'desired') ?? this.#duplicates.strike({ key }, 'desired')
    if (effect === undefined) send()
    else effect(key, send)
    for (const late of overtaken) late()
  }

  clear(): void {
    this.#duplicates.clear()
    this.#reorders.clear()
    this.#sendOvertaken()
  }

  #sendOvertaken(): void {
    const all = [...this.#overtaken.values()].flat()
    this.#overtaken.clear()
    for (const send of all) send()
  }
}

function sendTwice(_key: IdentityKey, send: SendDesired): void {
  send()
  send()
}
