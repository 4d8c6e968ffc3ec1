import type { Clock } from '../connection/clock.ts'
import { settledWithin } from '../connection/settled-within.ts'
import { openSurvivingJournal } from '../factory-reset/open-surviving-journal.ts'
import { lockStateDirectory, type StateDirectoryLock } from '../journal/state-directory-lock.ts'
import { SecretsFile } from '../operation/secret-store.ts'
import { DeviceState } from '../state/device-state.ts'
import type { AgentRuntimeOptions } from './agent-runtime-options.ts'
import { type AgentParts, wireAgent } from './wire-agent.ts'

/** How long closing waits for handlers that do not heed their signal, and for the goodbye to the hub. */
const closeTimeoutInMs = 5_000

interface Parts extends AgentParts {
  readonly lock: StateDirectoryLock
  readonly state: DeviceState
}

/** The life of an open agent, from its state directory to its end. */
export class AgentRuntime {
  readonly #parts: Parts
  readonly #clock: Clock

  private constructor(parts: Parts, clock: Clock) {
    this.#parts = parts
    this.#clock = clock
  }

  /** Opens the state directory, wires everything, and goes on with unfinished operations; does not yet connect. */
  static async start(start: AgentRuntimeOptions): Promise<AgentRuntime> {
    const { clock, bootId, implementation, fileSystem, processes, onError } = start
    const { actions } = implementation.contract
    const directory = start.options.stateDirectory
    const lock = await lockStateDirectory({ directory, bootId, fileSystem, processes })
    let state: DeviceState | undefined
    try {
      const store = start.options.survivalStore
      state = await DeviceState.open({
        directory,
        surviving: await openSurvivingJournal({ actions, stateDirectory: directory, store, fileSystem, onError }),
        fileSystem,
        now: () => clock.now(),
        actionOf: name => (Object.hasOwn(actions, name) ? actions[name] : undefined),
      })
      const { operations } = state
      const isUnderWay = (operationId: string) => operations.isUnderWay(operationId)
      const secrets = await SecretsFile.open({ directory, fileSystem, isUnderWay })
      const parts = wireAgent(start, state, secrets)
      parts.operations.resume()
      parts.configurations.resume()
      return new AgentRuntime({ ...parts, lock, state }, clock)
    } catch (error) {
      await state?.close()
      await lock.release()
      throw error
    }
  }

  /** Updates of the reported properties that were sent so far. */
  get reportedUpdates(): number {
    return this.#parts.writer.updates
  }

  /** Connects; see `HubConnection.open`. */
  connect(abortSignal: AbortSignal | undefined): Promise<void> {
    return this.#parts.connection.open({ abortSignal })
  }

  /** Ends everything within a bounded time. */
  async close(): Promise<void> {
    const { operations, configurations, admission, lane, dispatcher, writer, connection, state, lock } = this.#parts
    const clock = this.#clock
    dispatcher.close()
    admission.close()
    const ending = [operations.close(), configurations.close(), lane.close()]
    await settledWithin(Promise.all(ending), closeTimeoutInMs, clock)
    writer.close()
    await settledWithin(connection.close(), closeTimeoutInMs, clock)
    await state.close()
    await lock.release()
  }
}
