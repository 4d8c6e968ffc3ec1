import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@iothub-dm/local-hub'
import type { JsonValue, OperationState, WireAnswer } from '@iothub-dm/protocol'
import { sleep } from '../src/agent/sleep.ts'
import { openSurvivingJournal } from '../src/factory-reset/open-surviving-journal.ts'
import type { SurvivalStore } from '../src/factory-reset/survival-store.ts'
import type { Implementation } from '../src/implementation/implement.ts'
import type { FileSystem } from '../src/journal/file-system.ts'
import { type AdmissionGate, openGate } from '../src/operation/admission-gate.ts'
import type { Retention } from '../src/operation/compact-entries.ts'
import { OperationManager } from '../src/operation/operation-manager.ts'
import { type OperationOptions, withOperationDefaults } from '../src/operation/operation-options.ts'
import type { OperationStore } from '../src/operation/operation-store.ts'
import { SecretsFile } from '../src/operation/secret-store.ts'
import { DeviceState } from '../src/state/device-state.ts'
import type { NoteStore } from '../src/state/note-store.ts'

/** Options of {@link startLife}. */
export interface LifeOptions {
  readonly implementation: Implementation
  readonly directory?: string | undefined
  readonly fileSystem?: FileSystem | undefined
  /** What survives a factory reset. @default nothing does */
  readonly survivalStore?: SurvivalStore | undefined
  readonly clock?: ManualClock | undefined
  readonly retention?: Retention | undefined
  /** @default boot-1 */
  readonly bootId?: string | undefined
  /** @default those of the agent */
  readonly operations?: OperationOptions | undefined
  readonly maxAttempts?: number | undefined
  readonly gate?: AdmissionGate | undefined
  /** Stands for the reported writer. @default it is there at once */
  readonly flushReports?: (() => Promise<void>) | undefined
}

/**
 * Test support: one life of a device's operations, on a real journal, with a clock that stands still. A life that is merely
 * left behind was killed: another one can be started on the same directory.
 */
export class SimulatedLife {
  readonly store: OperationStore
  readonly notes: NoteStore
  readonly manager: OperationManager
  readonly clock: ManualClock
  readonly errors: unknown[]
  readonly #state: DeviceState
  readonly #implementation: Implementation

  constructor(
    state: DeviceState,
    parts: Pick<SimulatedLife, 'manager' | 'clock' | 'errors'>,
    implementation: Implementation,
  ) {
    this.#state = state
    this.store = state.operations
    this.notes = state.notes
    this.manager = parts.manager
    this.clock = parts.clock
    this.errors = parts.errors
    this.#implementation = implementation
  }

  /** Calls the method of an action. */
  begin(actionName: string, payload: JsonValue = null): Promise<WireAnswer> {
    const action = this.#implementation.actions.get(actionName)
    if (action === undefined) throw new TypeError(`no action '${actionName}'`)
    return this.manager.begin(actionName, action, payload)
  }

  state(operationId = 'op'): OperationState | undefined {
    return this.store.get(operationId)?.record.state
  }

  /** Resolves once the operation is in the state. */
  reached(state: OperationState, operationId = 'op'): Promise<void> {
    return until(() => this.state(operationId) === state)
  }

  /** Ends as if the process had been killed: nothing that it was doing is written any more. */
  async kill(): Promise<void> {
    await this.#state.close()
  }

  /** Ends in good order. */
  async close(): Promise<void> {
    await this.manager.close()
    await this.#state.close()
  }
}

/** Starts a life; it does not go on with what is unfinished before `manager.resume`. */
export async function startLife(options: LifeOptions): Promise<SimulatedLife> {
  const { implementation, directory = '/state', clock = new ManualClock(0), bootId = 'boot-1' } = options
  const errors: unknown[] = []
  const onError = (error: unknown): void => void errors.push(error)
  const { survivalStore: store } = options
  const { actions } = implementation.contract
  const state = await DeviceState.open({
    directory,
    fileSystem: options.fileSystem,
    surviving: store && (await openSurvivingJournal({ actions, stateDirectory: directory, store, onError })),
    retention: options.retention,
    now: () => clock.now(),
    actionOf: name => implementation.actions.get(name)?.definition,
  })
  const secrets = await SecretsFile.open({
    directory,
    fileSystem: options.fileSystem,
    isUnderWay: operationId => state.operations.isUnderWay(operationId),
  })
  const manager = new OperationManager({
    store: state.operations,
    actions: implementation.actions,
    ...withOperationDefaults({ maxAttempts: options.maxAttempts, ...options.operations }),
    gate: options.gate ?? openGate,
    secrets,
    onError,
    environment: {
      bootId,
      identityEpoch: () => state.identityEpoch,
      now: () => clock.now(),
      timestamp: () => new Date(clock.now()).toISOString(),
      sleep: (delayInMs, signal) => sleep(clock, delayInMs, signal),
      flushReports: options.flushReports ?? (async () => {}),
    },
  })
  return new SimulatedLife(state, { manager, clock, errors }, implementation)
}

/** Resolves once the condition holds, looking again in every turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve))
}

/** A promise that a test settles from outside. */
export interface Gate {
  readonly promise: Promise<void>
  readonly open: () => void
}

/** A handler that waits for it goes on when the test says so, or never. */
export function gate(): Gate {
  const opening = new AbortController()
  return {
    promise: new Promise(resolve => {
      opening.signal.addEventListener('abort', () => resolve())
    }),
    open: () => opening.abort(),
  }
}

/** A directory that is removed again. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'operations-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
