import {
  type AdmissionContext,
  type AdmissionGate,
  AdmissionRefusedError,
  type AdmissionRequest,
} from '../operation/admission-gate.ts'
import { rejection } from '../operation/deadline.ts'
import type { RuntimeEnvironment } from '../operation/runtime-environment.ts'
import { waitUntil } from '../operation/waiting.ts'
import type { NoteStore } from '../state/note-store.ts'
import type { ConsentDecision, ConsentHook } from './consent.ts'

/** What a {@link ConsentGate} works with. */
export interface ConsentGateOptions {
  readonly consent: ConsentHook
  readonly notes: NoteStore
  /** Whether an operation is not over yet: of others, nothing has to be kept in mind. */
  readonly isUnderWay: (operationId: string) => boolean
  readonly environment: Pick<RuntimeEnvironment, 'now' | 'sleep'>
}

const noteName = 'consent'
/** A hook that names a time that has passed is not asked again at once. */
const shortestWaitInMs = 1_000

/** Admits operations that somebody agrees to. */
export class ConsentGate implements AdmissionGate {
  readonly #options: ConsentGateOptions

  constructor(options: ConsentGateOptions) {
    this.#options = options
  }

  async admit(request: AdmissionRequest, context: AdmissionContext): Promise<void> {
    const { notes, isUnderWay } = this.#options
    const { operationId } = request
    if (this.#granted().includes(operationId)) return
    await this.#ask(request, context)
    await notes.record(noteName, [...this.#granted().filter(isUnderWay), operationId])
  }

  /** Resolves when it is granted. */
  async #ask(operation: AdmissionRequest, context: AdmissionContext): Promise<void> {
    const { consent, environment } = this.#options
    const { signal } = context
    for (;;) {
      const asked = consent(operation, { signal })
      if (asked instanceof Promise) {
        // It may reject before anybody waits for it.
        asked.catch(() => {})
        await context.waiting('waits for consent')
      }
      const decision = checkDecision(await Promise.race([asked, rejection(signal)]))
      if (decision === 'granted') return
      if (decision === 'denied') throw new AdmissionRefusedError('the consent was denied')
      await context.waiting('waits for consent, asks again', decision.askAgainAt)
      const now = environment.now()
      const untilInMs = Math.max(decision.askAgainAt.getTime(), now + shortestWaitInMs)
      await waitUntil(environment, untilInMs, untilInMs - now, signal)
    }
  }

  #granted(): readonly string[] {
    const note = this.#options.notes.get(noteName)
    return Array.isArray(note) ? note.filter(id => typeof id === 'string') : []
  }
}

/** @throws TypeError when a hook has returned something else */
function checkDecision(decision: ConsentDecision): ConsentDecision {
  if (decision === 'granted' || decision === 'denied') return decision
  const time: unknown = Object(decision).askAgainAt
  if (time instanceof Date && !Number.isNaN(time.getTime())) return { askAgainAt: time }
  throw new TypeError("consent: expected 'granted', 'denied' or { askAgainAt } with a valid Date")
}
