import type { HubCallSubject } from '../../hub/to-hub-error.ts'
import type { RestCall } from './exchange.ts'
import { toFailure } from './to-failure.ts'

/**
 * Waits for credentials no longer than for the call that needs them.
 *
 * @throws HubError `HubTimeout`, or the reason of the signal
 */
export async function within(
  authorization: string | Promise<string>,
  subject: HubCallSubject,
  call: Pick<RestCall, 'timeoutInMs' | 'abortSignal'>,
): Promise<string> {
  if (typeof authorization === 'string') return authorization
  const { timeoutInMs, abortSignal } = call
  abortSignal?.throwIfAborted()
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer)
      abortSignal?.removeEventListener('abort', onAbort)
    }
    const onAbort = (): void => {
      finish()
      reject(abortSignal?.reason)
    }
    const timer = setTimeout(() => {
      finish()
      reject(toFailure(subject, call, { kind: 'timedOut', sent: false }))
    }, timeoutInMs)
    abortSignal?.addEventListener('abort', onAbort, { once: true })
    authorization.then(resolve, reject).finally(finish)
  })
}
