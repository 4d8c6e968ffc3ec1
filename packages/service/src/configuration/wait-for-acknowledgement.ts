import type { JsonObject } from '@iothub-dm/protocol'
import type { ActionContext } from '../action/action-context.ts'
import { ConfigurationFailedError, ConfigurationNotAcknowledgedError } from '../errors/configuration-errors.ts'
import { type ConfigurationState, readConfigurationState } from './configuration-state.ts'

/** What {@link waitForAcknowledgement} waits for. */
export interface AwaitedConfiguration {
  readonly deviceId: string
  readonly name: string
  readonly desired: JsonObject
  /** The `$version` of the desired properties from which on an acknowledgement counts. */
  readonly since: number
  readonly timeoutInMs: number
  readonly abortSignal: AbortSignal | undefined
}

/**
 * Follows a device until it has applied what is desired of it.
 *
 * @throws ConfigurationFailedError, ConfigurationNotAcknowledgedError, HubError, or the reason of the signal
 */
export function waitForAcknowledgement(
  { tracker, clock }: Pick<ActionContext, 'tracker' | 'clock'>,
  { deviceId, name, desired, since, timeoutInMs, abortSignal }: AwaitedConfiguration,
): Promise<ConfigurationState> {
  return new Promise((resolve, reject) => {
    abortSignal?.throwIfAborted()
    const finish = (): void => {
      stop()
      cancelTimer()
      abortSignal?.removeEventListener('abort', onAbort)
    }
    const fail = (reason: unknown): void => {
      finish()
      reject(reason)
    }
    const onAbort = (): void => fail(abortSignal?.reason)
    const cancelTimer = clock.setTimeout(
      () => fail(new ConfigurationNotAcknowledgedError(deviceId, name, timeoutInMs)),
      timeoutInMs,
    )
    abortSignal?.addEventListener('abort', onAbort, { once: true })
    const stop = tracker.watch(deviceId, {
      onReported(reported) {
        const state = readConfigurationState(name, { desired, reported }, since)
        if (state.state === 'failed') fail(new ConfigurationFailedError(deviceId, name, state))
        if (state.state !== 'applied') return
        finish()
        resolve(state)
      },
      onError: fail,
    })
  })
}
