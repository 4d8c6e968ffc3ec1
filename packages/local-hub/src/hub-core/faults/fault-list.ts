import { identityName } from '../identity/identity-key.ts'
import { ArmedFault, type Occasion } from './armed-fault.ts'
import type { Fault, FaultName, FaultOccasions, FaultStrike } from './fault.ts'

/** Tells the world of a strike. */
export type StrikeReporter = (strike: Omit<FaultStrike, 'timeInMs'>) => FaultStrike

/** How a fault of one kind is armed. */
export interface ArmOptions<TOccasion> extends FaultOccasions {
  readonly matches?: ((occasion: TOccasion) => boolean) | undefined
  /** Lets go of what the fault keeps back. */
  readonly release?: (() => void) | undefined
}

/** The armed faults of one kind, oldest first. One occasion is struck by one fault at most. */
export class FaultList<TOccasion extends Occasion, TEffect> {
  readonly #name: FaultName
  readonly #report: StrikeReporter
  readonly #armed = new Map<ArmedFault<TOccasion>, TEffect>()

  constructor(name: FaultName, report: StrikeReporter) {
    this.#name = name
    this.#report = report
  }

  get isEmpty(): boolean {
    return this.#armed.size === 0
  }

  /** Adds a fault; `effect` is what {@link strike} returns when it strikes. */
  arm(effect: TEffect, { matches = () => true, release = () => {}, ...occasions }: ArmOptions<TOccasion>): Fault {
    const fault = new ArmedFault<TOccasion>({
      ...occasions,
      matches,
      onCancel: () => {
        this.#armed.delete(fault)
        release()
      },
    })
    this.#armed.set(fault, effect)
    return fault
  }

  /** The effect of the fault that strikes here, if one does. */
  strike(occasion: TOccasion, what: string): TEffect | undefined {
    for (const [fault, effect] of this.#armed) {
      if (!fault.takes(occasion)) continue
      const deviceId = occasion.key === undefined ? undefined : identityName(occasion.key).deviceId
      fault.note(this.#report({ fault: this.#name, deviceId, what }))
      if (fault.isSpent) this.#armed.delete(fault)
      return effect
    }
    return undefined
  }

  /** Takes back every fault. */
  clear(): void {
    for (const fault of this.#armed.keys()) fault.cancel()
  }
}
