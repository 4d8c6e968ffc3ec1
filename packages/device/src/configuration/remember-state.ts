import { isIotHubDmError } from '@iothub-dm/protocol'
import type { ConfigurationState } from './configuration-state.ts'
import type { ConfigurationStore } from './configuration-store.ts'

/** What {@link rememberState} works with. */
export interface RememberOptions {
  readonly name: string
  readonly store: ConfigurationStore
  /** Waits; rejects with the signal's reason when it is aborted. */
  readonly sleep: (delayInMs: number, signal: AbortSignal) => Promise<void>
  /** Aborted when the agent closes. */
  readonly closing: AbortSignal
  readonly onError: (error: unknown) => void
}

/** How long to wait before something is tried again, at first and at most. */
export const retryDelays = { firstInMs: 1_000, maxInMs: 60_000 } as const

/**
 * Makes a state durable, however long the disk fails.
 *
 * @returns false when the agent closed first
 */
export async function rememberState(options: RememberOptions, state: ConfigurationState): Promise<boolean> {
  const { name, store, closing, sleep, onError } = options
  for (let delayInMs: number = retryDelays.firstInMs; ; delayInMs = Math.min(2 * delayInMs, retryDelays.maxInMs)) {
    try {
      await store.record(name, state)
      return true
    } catch (error) {
      if (closing.aborted) return false
      onError(error)
      if (!isIotHubDmError(error, 'PersistenceFailed')) return false
    }
    await sleep(delayInMs, closing).catch(() => {})
  }
}
