import { isTerminalState, type JsonObject } from '@iothub-dm/protocol'
import type { DesiredNews } from '../configuration/desired-follower.ts'
import type { DesiredProperties } from '../configuration/desired-state.ts'
import { type CancelTimeout, type Clock, noTimeout } from '../connection/clock.ts'
import { rejection } from '../operation/deadline.ts'
import { AgentClosedError } from '../operation/operation-errors.ts'
import type { OperationManager } from '../operation/operation-manager.ts'
import type { OperationStore } from '../operation/operation-store.ts'
import type { NoteStore } from '../state/note-store.ts'
import { type DesiredRequest, parseSectionMemory, readDesiredRequest, type SectionMemory } from './desired-request.ts'
import type { DesiredSection } from './desired-section.ts'
import { judgeAnswer } from './refused-operation.ts'
import { reportedBefore } from './reported-before.ts'

/** What a {@link DesiredLane} works with. */
export interface DesiredLaneOptions {
  readonly sections: readonly DesiredSection[]
  readonly operations: Pick<OperationManager, 'begin' | 'remember'>
  readonly store: Pick<OperationStore, 'get' | 'unfinished' | 'newest' | 'onChange'>
  readonly notes: NoteStore
  readonly clock: Clock
  /** Lets the last report leave; resolves when the hub has it, or after a short while without. */
  readonly flushReports: () => Promise<void>
  readonly onError: (error: unknown) => void
}

/** How often a request that could not be taken up is looked at again, beside whenever an operation ends. */
const lookAgainInMs = 60_000

/**
 * The second lane of operations: takes up what the desired properties ask for, once, whatever is read again, comes twice, or has
 * come by direct method already. What the device is too busy for stays where it is, until the device is free.
 */
export class DesiredLane {
  readonly #options: DesiredLaneOptions
  #desired: DesiredProperties | undefined
  /** The reported properties at the last read. */
  #reported: JsonObject = {}
  #working: Promise<void> | undefined
  /** Something changed since the round that is under way began. */
  #again = false
  readonly #closing = new AbortController()
  #cancelLook: CancelTimeout = noTimeout

  constructor(options: DesiredLaneOptions) {
    this.#options = options
    options.store.onChange(({ record }) => {
      if (isTerminalState(record.state)) this.#look()
    })
  }

  /** The desired properties changed, or were read. */
  desiredChanged(news: DesiredNews): void {
    this.#desired = news.desired
    if (news.kind === 'read') this.#reported = news.reported
    this.#look()
  }

  /** Takes nothing up any more; resolves when what is under way is over. */
  async close(): Promise<void> {
    this.#closing.abort(new AgentClosedError())
    this.#cancelLook()
    await this.#working
  }

  /** Resolves when there is nothing to take up at the moment. */
  async settled(): Promise<void> {
    await this.#working
  }

  #look(): void {
    this.#again = true
    if (!this.#closing.signal.aborted) this.#working ??= this.#work()
  }

  async #work(): Promise<void> {
    while (this.#again && !this.#closing.signal.aborted) {
      this.#again = false
      this.#cancelLook()
      let settled = true
      for (const section of this.#options.sections) settled = (await this.#settle(section)) && settled
      if (!settled && !this.#closing.signal.aborted) {
        this.#cancelLook = this.#options.clock.setTimeout(() => this.#look(), lookAgainInMs)
      }
    }
    this.#working = undefined
  }

  /** @returns false when the section has to be looked at again later */
  async #settle(section: DesiredSection): Promise<boolean> {
    if (this.#desired === undefined || this.#closing.signal.aborted) return true
    try {
      return await this.#take(section, this.#desired)
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onError(error)
      return false
    }
  }

  async #take(section: DesiredSection, { properties, version }: DesiredProperties): Promise<boolean> {
    const { notes, store, operations } = this.#options
    const note = `desired ${section.path}`
    const payload = section.payloadOf(properties)
    if (payload === undefined) {
      await notes.record(note, undefined)
      return true
    }
    const memory = parseSectionMemory(notes.get(note))
    const request = readDesiredRequest(section, payload, version, memory)
    const { operationId, content } = request
    if (memory?.taken === true) {
      if (memory.content === content) return true
      // The id was taken before, and its answer is forgotten since.
      if (memory.operationId === operationId && store.get(operationId) === undefined) {
        return this.#remember(note, request, true)
      }
    }
    if (memory?.taken !== true && store.get(operationId) === undefined) {
      const lost = reportedBefore(section, request, this.#reported, this.#now())
      if (lost !== undefined && store.get(lost.operationId) === undefined) {
        const known = { ...request, operationId: lost.operationId }
        await this.#remember(note, known, false)
        await operations.remember(lost)
        return this.#remember(note, known, true)
      }
    }
    // Before it begins: an id that is made here depends on the version, which may be another one in the next life.
    if (memory?.content !== content) await this.#remember(note, request, false)
    return (await this.#begin(section, request)) && this.#remember(note, request, true)
  }

  /** @returns false when the device cannot take it up now */
  async #begin(section: DesiredSection, request: DesiredRequest): Promise<boolean> {
    const { operations, store, flushReports } = this.#options
    const { actionName, action } = section
    const before = store.newest().get(actionName)
    // Only the newest operation of an action is reported: the end of the one before leaves first.
    if (before?.reported === false && store.get(request.operationId) === undefined) {
      await Promise.race([flushReports(), rejection(this.#closing.signal)])
      // It may be taken back by now.
      if (this.#again) return false
    }
    const answer = await operations.begin(actionName, action, request.payload)
    const verdict = judgeAnswer(section, request, answer, this.#now())
    if (verdict.kind !== 'refused') return verdict.kind === 'taken'
    // What is reported last hides what is under way.
    if (store.unfinished().some(log => log.action === actionName)) return false
    await operations.remember(verdict.entry)
    return true
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString()
  }

  async #remember(note: string, { operationId, content, identity }: DesiredRequest, taken: boolean): Promise<true> {
    const memory: SectionMemory = { operationId, content, identity, taken }
    await this.#options.notes.record(note, { ...memory })
    return true
  }
}
