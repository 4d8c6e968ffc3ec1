import { isDeepStrictEqual } from 'node:util'
import {
  type Effect,
  encodeMaintenanceStatus,
  isHeldBy,
  type JsonObject,
  type JsonValue,
  type MaintenancePolicy,
  type MaintenanceStatus,
  maintenanceStatus,
  nextOpening,
  sameJson,
} from '@iothub-dm/protocol'
import type { DesiredNews } from '../configuration/desired-follower.ts'
import { type CancelTimeout, type Clock, noTimeout } from '../connection/clock.ts'
import type { AdmissionContext, AdmissionGate, AdmissionRequest } from '../operation/admission-gate.ts'
import { parseMaintenancePolicy } from './maintenance-section.ts'

/** What {@link MaintenanceWindows} work with. */
export interface MaintenanceWindowsOptions {
  /** Name of the section of the desired properties that holds the policy. */
  readonly section: string
  /** What an earlier life has applied; undefined: nothing. */
  readonly applied: JsonValue | undefined
  /** The effects of an action. */
  readonly effectsOf: (actionName: string) => readonly Effect[]
  readonly clock: Clock
  /** Waits; rejects with the signal's reason when it is aborted. */
  readonly sleep: (delayInMs: number, signal: AbortSignal) => Promise<void>
  /** From 0 to 1, for the spread. */
  readonly random: () => number
  /** What is to be reported has changed. */
  readonly onChange: () => void
}

/** How often the clock is looked at, which may be set. */
const lookAgainInMs = 60_000
/** How long it is believed that no window opens within a year. */
const believedForInMs = 86_400_000

/** Follows the maintenance policy: admits what it holds only while its windows are open, and knows what to report about them. */
export class MaintenanceWindows implements AdmissionGate {
  readonly #options: MaintenanceWindowsOptions
  #policy: MaintenancePolicy | undefined
  /** Called when the policy changes. */
  readonly #waiting = new Set<() => void>()
  /** What is true from one time to another, in milliseconds since 1970. */
  #known: { readonly status: MaintenanceStatus; readonly from: number; readonly to: number } | undefined
  #cancelLook: CancelTimeout = noTimeout

  constructor(options: MaintenanceWindowsOptions) {
    this.#options = options
    this.#policy = parseMaintenancePolicy(options.applied)
    this.#look()
  }

  /** The desired properties changed, or were read. A policy that breaks the schema leaves the one before in force. */
  desiredChanged({ desired: { properties } }: DesiredNews): void {
    const { section } = this.#options
    const value = Object.hasOwn(properties, section) ? properties[section] : undefined
    const policy = parseMaintenancePolicy(value)
    if (value === undefined || policy !== undefined) this.#setPolicy(policy)
  }

  /** @param policy undefined: everything may begin at any time */
  #setPolicy(policy: MaintenancePolicy | undefined): void {
    if (isDeepStrictEqual(policy, this.#policy)) return
    this.#policy = policy
    this.#known = undefined
    this.#look()
    for (const goOn of this.#waiting) goOn()
  }

  /** What is reported beside the acknowledgement of the policy. */
  report(): JsonObject | undefined {
    return this.#known === undefined ? undefined : encodeMaintenanceStatus(this.#known.status)
  }

  async admit({ action }: AdmissionRequest, context: AdmissionContext): Promise<void> {
    const { clock, effectsOf, random } = this.#options
    const { signal } = context
    const fraction = random()
    for (;;) {
      const policy = this.#policy
      if (policy === undefined || !isHeldBy(policy, action, effectsOf(action))) return
      const now = new Date(clock.now())
      const opening = nextOpening(policy, now, fraction)
      if (opening !== undefined && opening <= now) return
      await (opening === undefined
        ? context.waiting('waits for a maintenance window, and none opens within a year')
        : context.waiting('waits for the maintenance window', opening))
      const delayInMs = Math.min(lookAgainInMs, (opening?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime())
      await this.#pause(delayInMs, signal)
    }
  }

  /** Ends its timer. */
  close(): void {
    this.#cancelLook()
  }

  /** Resolves after the delay, or when the policy changes. */
  async #pause(delayInMs: number, signal: AbortSignal): Promise<void> {
    const changed = new AbortController()
    const goOn = () => changed.abort()
    this.#waiting.add(goOn)
    try {
      await this.#options.sleep(delayInMs, AbortSignal.any([signal, changed.signal]))
    } catch (error) {
      if (signal.aborted || !changed.signal.aborted) throw error
    } finally {
      this.#waiting.delete(goOn)
    }
  }

  #look(): void {
    this.#cancelLook()
    const { clock, onChange } = this.#options
    const policy = this.#policy
    if (policy === undefined) return
    const now = clock.now()
    const before = this.report()
    if (this.#known === undefined || now < this.#known.from || now >= this.#known.to) {
      const status = maintenanceStatus(policy, new Date(now))
      const change = status.nextOpening ?? status.nextClosing
      this.#known = { status, from: now, to: change?.getTime() ?? now + believedForInMs }
    }
    const delayInMs = Math.min(lookAgainInMs, Math.max(1, this.#known.to - now))
    this.#cancelLook = clock.setTimeout(() => this.#look(), delayInMs)
    // A policy that is new is reported with its acknowledgement.
    if (before !== undefined && !sameJson(before, this.report())) onChange()
  }
}
