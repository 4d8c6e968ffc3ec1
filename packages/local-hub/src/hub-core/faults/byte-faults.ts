import type { CloseManner } from '../session/device-connection.ts'
import type { Occasion } from './armed-fault.ts'
import type { Fault, FaultOccasions } from './fault.ts'
import { FaultList, type StrikeReporter } from './fault-list.ts'
import type { FaultDirection } from './packet-faults.ts'

/** Where a TCP connection is cut. */
export interface CutOptions extends FaultOccasions {
  /**
   * How many bytes pass before the cut, at least 1. TLS records, the handshake included, are what is counted: from the start of the
   * connection, or, with a `deviceId`, from the moment when the hub accepted the device's CONNECT.
   */
  readonly afterBytes: number
  /** The direction in which the bytes are counted. Default: `toHub`. */
  readonly direction?: FaultDirection | undefined
  /** Closed in order (`fin`) or reset (`rst`, the default). */
  readonly manner?: CloseManner | undefined
}

/** A piece of a byte stream, by the numbers of the bytes before and after it. */
interface Span {
  readonly start: number
  readonly end: number
}

interface BytesOccasion extends Occasion {
  readonly direction: FaultDirection
  readonly sinceOpened: Span
  readonly sinceIdentified: Span
}

/** What is left of a piece of bytes: so many pass, then the connection ends. */
export interface Cut {
  readonly passingBytes: number
  readonly manner: CloseManner
}

/** TCP connections that end at a given byte. */
export class ByteFaults {
  readonly #cuts: FaultList<BytesOccasion, (occasion: BytesOccasion) => Cut>

  constructor(report: StrikeReporter) {
    this.#cuts = new FaultList('cut', report)
  }

  /** Whether connections that open now have to be watched. */
  get isArmed(): boolean {
    return !this.#cuts.isEmpty
  }

  /** @throws RangeError when `afterBytes` is not a count. */
  cut({ afterBytes, direction = 'toHub', manner = 'rst', ...occasions }: CutOptions): Fault {
    if (!Number.isInteger(afterBytes) || afterBytes < 1) {
      throw new RangeError(`afterBytes: expected an integer from 1, got ${afterBytes}`)
    }
    const spanOf = ({ sinceOpened, sinceIdentified }: BytesOccasion): Span =>
      occasions.deviceId === undefined ? sinceOpened : sinceIdentified
    return this.#cuts.arm(occasion => ({ passingBytes: afterBytes - spanOf(occasion).start, manner }), {
      ...occasions,
      matches: occasion =>
        occasion.direction === direction && spanOf(occasion).start < afterBytes && afterBytes <= spanOf(occasion).end,
    })
  }

  /** Follows a connection that has just been opened. */
  open(): WatchedLink {
    return new WatchedLink(occasion => this.#cuts.strike(occasion, occasion.direction)?.(occasion))
  }

  clear(): void {
    this.#cuts.clear()
  }
}

/** Counts the bytes of one TCP connection, and tells where it ends. */
export class WatchedLink {
  readonly #strike: (occasion: BytesOccasion) => Cut | undefined
  readonly #passed: Record<FaultDirection, number> = { toHub: 0, toDevice: 0 }
  #passedBefore: Readonly<Record<FaultDirection, number>> = { toHub: 0, toDevice: 0 }
  #key: string | undefined

  constructor(strike: (occasion: BytesOccasion) => Cut | undefined) {
    this.#strike = strike
  }

  /** The connection is now known to be this device's. */
  identify(key: string): void {
    this.#key = key
    this.#passedBefore = { ...this.#passed }
  }

  /** Counts bytes that are about to pass; a cut when they may not all do so. */
  pass(direction: FaultDirection, byteCount: number): Cut | undefined {
    const start = this.#passed[direction]
    const end = start + byteCount
    this.#passed[direction] = end
    const before = this.#passedBefore[direction]
    return this.#strike({
      key: this.#key,
      direction,
      sinceOpened: { start, end },
      sinceIdentified: { start: start - before, end: end - before },
    })
  }
}
