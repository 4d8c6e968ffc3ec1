import { isIotHubDmError, type OperationEvent } from '@iothub-dm/protocol'
import type { OperationStore } from './operation-store.ts'
import type { Outcome } from './outcome.ts'
import type { RuntimeEnvironment } from './runtime-environment.ts'

const writeRetryDelays = { firstInMs: 1_000, maxInMs: 60_000 }

/** What {@link recordOutcome} works with. */
export interface RecordOutcomeOptions {
  readonly store: OperationStore
  readonly environment: RuntimeEnvironment
  /** Aborted when the agent closes. */
  readonly closing: AbortSignal
  readonly onError: (error: unknown) => void
}

/** Makes the end durable, however long the disk fails; when the agent closes first, the next life finds an end again. */
export async function recordOutcome(
  operationId: string,
  outcome: Outcome,
  { store, environment, closing, onError }: RecordOutcomeOptions,
): Promise<void> {
  const event: OperationEvent = { ...outcome, time: environment.timestamp() }
  for (let delayInMs = writeRetryDelays.firstInMs; ; delayInMs = Math.min(2 * delayInMs, writeRetryDelays.maxInMs)) {
    try {
      await store.record({ type: 'event', operationId, event })
      return
    } catch (error) {
      if (closing.aborted) return
      onError(error)
      if (!isIotHubDmError(error, 'PersistenceFailed')) return
    }
    await environment.sleep(delayInMs, closing).catch(() => {})
  }
}
