import { identityName } from '../identity/identity-key.ts'
import type { Fault, FaultOccasions, FaultStrike } from './fault.ts'

/** Something that a fault may strike. */
export interface Occasion {
  /** The device or module concerned; undefined when it is about none, or not known yet. */
  readonly key: string | undefined
}

/** What an {@link ArmedFault} is made with. */
export interface ArmedFaultOptions<TOccasion extends Occasion> extends FaultOccasions {
  /** Which occasions of its device it waits for. */
  readonly matches: (occasion: TOccasion) => boolean
  /** Called when it is taken back. */
  readonly onCancel: () => void
}

/** The {@link Fault} that a test holds, and the counting behind it. */
export class ArmedFault<TOccasion extends Occasion> implements Fault {
  readonly struck: Promise<FaultStrike>
  readonly #options: ArmedFaultOptions<TOccasion>
  readonly #nth: number
  readonly #times: number
  readonly #strikes: FaultStrike[] = []
  #tell: (strike: FaultStrike) => void = () => {}
  #occasions = 0

  /** @throws RangeError when `nth` or `times` is not a count. */
  constructor(options: ArmedFaultOptions<TOccasion>) {
    this.#options = options
    this.#nth = countOption('nth', options.nth)
    this.#times = options.times === Number.POSITIVE_INFINITY ? options.times : countOption('times', options.times)
    this.struck = new Promise(resolve => {
      this.#tell = resolve
    })
  }

  get strikes(): readonly FaultStrike[] {
    return this.#strikes
  }

  /** Whether it will never strike again. */
  get isSpent(): boolean {
    return this.#strikes.length >= this.#times
  }

  /** Shows the fault an occasion; true when it strikes. */
  takes(occasion: TOccasion): boolean {
    if (this.isSpent || !this.#concerns(occasion.key) || !this.#options.matches(occasion)) return false
    this.#occasions += 1
    return this.#occasions >= this.#nth
  }

  note(strike: FaultStrike): void {
    this.#strikes.push(strike)
    this.#tell(strike)
  }

  cancel(): void {
    this.#options.onCancel()
  }

  #concerns(key: string | undefined): boolean {
    const { deviceId } = this.#options
    return deviceId === undefined || (key !== undefined && identityName(key).deviceId === deviceId)
  }
}

function countOption(option: string, value: number = 1): number {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`${option}: expected an integer from 1, got ${value}`)
  return value
}
