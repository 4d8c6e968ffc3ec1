import type { FirmwareErrorCode } from '@iothub-dm/protocol'
import { FirmwareError } from '../firmware-error.ts'

/** Why an update cannot go on, as it is kept in the journal. */
export interface FirmwareFailure {
  readonly code: FirmwareErrorCode
  readonly message: string
}

/** What is said of a hook that failed. */
export interface HookFailure extends FirmwareFailure {
  /** Told what the hook has thrown: its text may hold a secret, so nobody else is. */
  readonly onError: (error: unknown) => void
}

/**
 * Runs a hook of the device; it fails when it throws, rejects or returns false.
 *
 * @param signal when it is aborted, its reason is thrown instead
 * @returns null when all went well. Of what was thrown, only a `FirmwareError` is told in its own words
 */
export async function failureOf(
  hook: () => unknown,
  signal: AbortSignal,
  { code, message, onError }: HookFailure,
): Promise<FirmwareFailure | null> {
  try {
    return (await hook()) === false ? { code, message } : null
  } catch (error) {
    signal.throwIfAborted()
    onError(error)
    return error instanceof FirmwareError ? { code: error.code, message: error.message } : { code, message }
  }
}
