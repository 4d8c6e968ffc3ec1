import type { FirmwareSettings } from '../firmware-options.ts'
import type { FirmwareTarget } from '../firmware-target.ts'
import { type FirmwareFailure, failureOf } from './firmware-failure.ts'

/**
 * The health check of the version that runs, within its time; one that hangs has failed.
 *
 * @param signal when it is aborted, its reason is thrown: the check was not over, and nothing is known
 */
export async function checkHealth(
  target: FirmwareTarget,
  { clock, confirmTimeoutInMs, onError }: Pick<FirmwareSettings, 'clock' | 'confirmTimeoutInMs' | 'onError'>,
  signal: AbortSignal,
): Promise<FirmwareFailure | null> {
  const overdue = new AbortController()
  const either = AbortSignal.any([signal, overdue.signal])
  const timedOut = `the health check did not end within ${confirmTimeoutInMs} ms`
  const cancelDeadline = clock.setTimeout(
    () => overdue.abort(new DOMException(timedOut, 'TimeoutError')),
    confirmTimeoutInMs,
  )
  try {
    const check = failureOf(() => target.confirm?.(either), signal, {
      code: 'HealthCheckFailed',
      message: 'the health check of the new version failed',
      onError,
    })
    return await Promise.race([check, whenAborted(either)])
  } catch (error) {
    signal.throwIfAborted()
    if (overdue.signal.aborted) return { code: 'HealthCheckFailed', message: timedOut }
    throw error
  } finally {
    cancelDeadline()
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
